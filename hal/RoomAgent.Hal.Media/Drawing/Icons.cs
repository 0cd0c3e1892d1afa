using RoomAgent.Hal.Media.Drawing.Interop;

namespace RoomAgent.Hal.Media.Drawing;

/// <summary>The signs that a screen draws. They differ in shape, not in colour alone.</summary>
internal enum Icon
{
    /// <summary>A padlock: encrypted on every hop.</summary>
    Encrypted,

    /// <summary>A shield with a padlock in it: encrypted from end to end.</summary>
    EndToEnd,

    /// <summary>A full seal with a check mark.</summary>
    Verified,

    /// <summary>A ring with a check mark.</summary>
    Vouched,

    /// <summary>A ring with a question mark.</summary>
    Unverified,

    /// <summary>A full disc with the hands of a clock.</summary>
    Expired,

    /// <summary>A full octagon with a cross.</summary>
    Revoked,

    Camera,
    CameraOff,
    Microphone,
    MicrophoneOff,
    Speaker,
    Share,
    Network,
    Hub,
    Clock,
    Certificate,
    Disk,
    Heat,
    Person,
    People,
    Door,
    Again,
    Warning,
    Calendar,
}

/// <summary>Draws them on a grid of 24 by 24.</summary>
internal static class Icons
{
    /// <summary>Width and height of the grid.</summary>
    public const double Grid = 24;

    private const double Stroke = 1.9;

    public static void Draw(Canvas canvas, Icon icon, Colour colour, Colour ground)
    {
        var pen = new Pen(canvas, colour, ground);
        Libcairo.cairo_set_line_cap(canvas.Cairo, Libcairo.CAIRO_LINE_CAP_ROUND);
        Libcairo.cairo_set_line_join(canvas.Cairo, Libcairo.CAIRO_LINE_JOIN_ROUND);
        Libcairo.cairo_new_path(canvas.Cairo);
        pen.Ink(Stroke);
        switch (icon)
        {
            case Icon.Encrypted:
                Padlock(pen, 12, 13.2, 1);
                break;
            case Icon.EndToEnd:
                Shield(pen).Fill();
                pen.Cut(1.5);
                Padlock(pen, 12, 12.4, 0.62);
                break;
            case Icon.Verified:
                Seal(pen).Fill();
                pen.Cut(2.2);
                Check(pen);
                break;
            case Icon.Vouched:
                pen.Ring(12, 12, 9).Line();
                Check(pen);
                break;
            case Icon.Unverified:
                pen.Ring(12, 12, 9).Line();
                pen.Arc(12, 9.7, 2.8, 190, 410).To(12, 13.4).Line();
                pen.Dot(12, 16.9, 1.25);
                break;
            case Icon.Expired:
                pen.Ring(12, 12, 10).Fill();
                pen.Cut(2.2);
                pen.From(12, 6.6).To(12, 12.2).To(15.8, 14.6).Line();
                break;
            case Icon.Revoked:
                Octagon(pen).Fill();
                pen.Cut(2.4);
                pen.From(8.3, 8.3).To(15.7, 15.7).From(15.7, 8.3).To(8.3, 15.7).Line();
                break;
            case Icon.Camera:
                Camera(pen);
                break;
            case Icon.CameraOff:
                Camera(pen);
                Slash(pen);
                break;
            case Icon.Microphone:
                Microphone(pen);
                break;
            case Icon.MicrophoneOff:
                Microphone(pen);
                Slash(pen);
                break;
            case Icon.Speaker:
                pen.From(3.5, 9.5).To(7.5, 9.5).To(12.5, 5).To(12.5, 19).To(7.5, 14.5).To(3.5, 14.5).Closed().Line();
                pen.Arc(12.5, 12, 4.2, -42, 42).Line();
                pen.Arc(12.5, 12, 8.2, -46, 46).Line();
                break;
            case Icon.Share:
                pen.Box(3, 4.5, 18, 12, 2).Line();
                pen.From(8.5, 20).To(15.5, 20).Line();
                pen.From(12, 13.6).To(12, 7.8).From(9.4, 10.2).To(12, 7.6).To(14.6, 10.2).Line();
                break;
            case Icon.Network:
                pen.Arc(12, 18.5, 5, 225, 315).Line();
                pen.Arc(12, 18.5, 9.5, 225, 315).Line();
                pen.Arc(12, 18.5, 14, 227, 313).Line();
                pen.Dot(12, 18.3, 1.6);
                Slash(pen);
                break;
            case Icon.Hub:
                pen.Box(4, 4, 16, 6.5, 1.6).Line();
                pen.Box(4, 13.5, 16, 6.5, 1.6).Line();
                pen.Dot(7.6, 7.25, 1.1);
                pen.Dot(7.6, 16.75, 1.1);
                break;
            case Icon.Clock:
                pen.Ring(12, 12, 9).Line();
                pen.From(12, 7).To(12, 12.2).To(15.4, 14.4).Line();
                break;
            case Icon.Certificate:
                pen.Box(3, 4, 18, 12.5, 1.8).Line();
                pen.From(6.5, 8).To(13, 8).From(6.5, 11.8).To(10.5, 11.8).Line();
                pen.Ring(16.2, 13.6, 3.2).Cleared().Line();
                pen.From(14.6, 16.6).To(14.6, 21).To(16.2, 19.8).To(17.8, 21).To(17.8, 16.6).Line();
                break;
            case Icon.Disk:
                pen.Box(4, 5, 16, 14, 2).Line();
                pen.From(4, 13.4).To(20, 13.4).Line();
                pen.Dot(16.6, 16.2, 1.1);
                break;
            case Icon.Heat:
                pen.Arc(12, 16.5, 4.2, -58, 238).To(9.75, 5.5).Joined(12, 5.5, 2.25, 180, 360).Closed().Line();
                pen.Dot(12, 16.5, 2);
                pen.From(12, 16).To(12, 9).Line();
                break;
            case Icon.Person:
                Person(pen, 12);
                break;
            case Icon.People:
                Person(pen, 8.8);
                pen.Arc(15.8, 8, 3.4, -100, 80).Line();
                pen.Arc(13.2, 20.5, 8, -62, 0).Line();
                break;
            case Icon.Door:
                pen.From(13.5, 4).To(5, 4).To(5, 20).To(13.5, 20).Line();
                pen.From(10.5, 12).To(20, 12).From(16.6, 8.4).To(20.2, 12).To(16.6, 15.6).Line();
                break;
            case Icon.Again:
                pen.Arc(12, 12, 8, 200, 335).Line();
                pen.From(20, 4.6).To(19.4, 8.9).To(15.2, 8.3).Line();
                pen.Arc(12, 12, 8, 20, 155).Line();
                pen.From(4, 19.4).To(4.6, 15.1).To(8.8, 15.7).Line();
                break;
            case Icon.Warning:
                pen.From(12, 3.8).To(21.6, 20).To(2.4, 20).Closed().Line();
                pen.From(12, 10).To(12, 14.2).Line();
                pen.Dot(12, 17.2, 1.2);
                break;
            case Icon.Calendar:
                pen.Box(3.5, 5, 17, 15.5, 2).Line();
                pen.From(3.5, 10).To(20.5, 10).From(8, 2.8).To(8, 6.4).From(16, 2.8).To(16, 6.4).Line();
                break;
        }
    }

    private static void Padlock(Pen pen, double x, double y, double size)
    {
        pen.Box(x - 7 * size, y - 2 * size, 14 * size, 9.8 * size, 1.8 * size).Fill();
        pen.From(x - 4.2 * size, y - 2 * size).To(x - 4.2 * size, y - 5 * size).Joined(x, y - 5 * size, 4.2 * size, 180, 360).To(x + 4.2 * size, y - 2 * size).Line();
    }

    private static Pen Shield(Pen pen) =>
        pen.From(12, 1).To(21, 4.4).To(21, 11).Joined(9.4, 11, 11.6, 0, 56).To(12, 23).Joined(14.6, 11, 11.6, 124, 180).To(3, 4.4).Closed();

    // A circle with twelve soft teeth.
    private static Pen Seal(Pen pen)
    {
        for (int i = 0; i < 48; i++)
        {
            double angle = i * Math.PI / 24, radius = 10.4 + 0.8 * Math.Cos(12 * angle);
            double x = 12 + radius * Math.Cos(angle), y = 12 + radius * Math.Sin(angle);
            pen = i == 0 ? pen.From(x, y) : pen.To(x, y);
        }
        return pen.Closed();
    }

    private static Pen Octagon(Pen pen) =>
        pen.From(7.8, 1.8).To(16.2, 1.8).To(22.2, 7.8).To(22.2, 16.2).To(16.2, 22.2).To(7.8, 22.2).To(1.8, 16.2).To(1.8, 7.8).Closed();

    private static void Check(Pen pen) => pen.From(7.6, 12.4).To(10.8, 15.5).To(16.4, 9.2).Line();

    private static void Camera(Pen pen)
    {
        pen.Box(2.5, 6.5, 12.5, 11, 2).Line();
        pen.From(15, 10.8).To(21.3, 7.4).To(21.3, 16.6).To(15, 13.2).Line();
    }

    private static void Microphone(Pen pen)
    {
        pen.Box(8.8, 2.8, 6.4, 11.4, 3.2).Fill();
        pen.Arc(12, 11, 6.6, 0, 180).Line();
        pen.From(12, 17.6).To(12, 21).From(8.8, 21).To(15.2, 21).Line();
    }

    private static void Person(Pen pen, double x)
    {
        pen.Ring(x, 8, 3.9).Line();
        pen.Arc(x, 20.5, 6.6, 180, 360).Line();
    }

    // With an edge of nothing, so that it stands off from what it crosses out.
    private static void Slash(Pen pen)
    {
        pen.Cut(5);
        pen.From(4, 3.6).To(20.4, 20).Line();
        pen.Ink(2.2);
        pen.From(3.4, 3).To(21, 20.6).Line();
    }

    private readonly record struct Pen(Canvas Canvas, Colour Colour, Colour Ground)
    {
        public void Ink(double width) => Use(Colour, width);

        public void Cut(double width) => Use(Ground, width);

        public Pen From(double x, double y)
        {
            Libcairo.cairo_move_to(Canvas.Cairo, x, y);
            return this;
        }

        public Pen To(double x, double y)
        {
            Libcairo.cairo_line_to(Canvas.Cairo, x, y);
            return this;
        }

        public Pen Arc(double x, double y, double radius, double from, double to)
        {
            Libcairo.cairo_new_sub_path(Canvas.Cairo);
            return Joined(x, y, radius, from, to);
        }

        /// <summary>An arc that goes on from where the path is.</summary>
        public Pen Joined(double x, double y, double radius, double from, double to)
        {
            Libcairo.cairo_arc(Canvas.Cairo, x, y, radius, from * Math.PI / 180, to * Math.PI / 180);
            return this;
        }

        public Pen Ring(double x, double y, double radius) => Arc(x, y, radius, 0, 360);

        public Pen Box(double x, double y, double width, double height, double radius)
        {
            Canvas.Round(x, y, width, height, radius);
            return this;
        }

        public Pen Closed()
        {
            Libcairo.cairo_close_path(Canvas.Cairo);
            return this;
        }

        /// <summary>Takes away what the path lies on.</summary>
        public Pen Cleared()
        {
            Canvas.Use(Ground);
            Libcairo.cairo_fill_preserve(Canvas.Cairo);
            Canvas.Use(Colour);
            return this;
        }

        public void Dot(double x, double y, double radius) => Ring(x, y, radius).Fill();

        public void Line() => Libcairo.cairo_stroke(Canvas.Cairo);

        public void Fill() => Libcairo.cairo_fill(Canvas.Cairo);

        private void Use(Colour colour, double width)
        {
            Canvas.Use(colour);
            Libcairo.cairo_set_line_width(Canvas.Cairo, width);
        }
    }
}
