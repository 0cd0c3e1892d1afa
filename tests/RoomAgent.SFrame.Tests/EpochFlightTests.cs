namespace RoomAgent.SFrame.Tests;

/// <summary>B13: a call of three in virtual time, in which epochs change while frames fly.</summary>
public sealed class EpochFlightTests
{
    private const int Members = 3;
    private const double FrameEvery = 0.02;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void NoFrameIsUndecryptableOver200Epochs(int seed)
    {
        var call = new Call(new Random(seed), epochs: 200);

        call.Run();

        Assert.All(call.Members, member =>
        {
            Assert.Equal(200UL, member.Keys.SendEpoch);
            foreach (OpenOutcome outcome in Enum.GetValues<OpenOutcome>().Except([OpenOutcome.Opened, OpenOutcome.KeyAhead]))
                Assert.Equal(0, member.Opener.Count(outcome));
        });
        Assert.All(call.Waiting, waiting => Assert.Equal((0, 0L, 0L), (waiting.Waiting, waiting.Lost, waiting.Refused)));
        Assert.True(call.Waiting.Sum(waiting => waiting.Taken) > 100, "Hardly a frame had to wait, which shows nothing.");
        Assert.Equal(call.Sent * (Members - 1), call.Members.Sum(member => member.Opener.Count(OpenOutcome.Opened)));
    }

    /// <summary>Commits reach each member after up to 250 ms, and frames after up to 100 ms in any order. All comes from one seed.</summary>
    private sealed class Call
    {
        private readonly PriorityQueue<Action, (long, int)> _events = new();
        private readonly Random _random;
        private readonly int[] _merged = new int[EpochFlightTests.Members];
        private readonly int _epochs;
        private double _now;
        private int _order;

        public Call(Random random, int epochs)
        {
            _random = random;
            _epochs = epochs;
            Members = [.. Enumerable.Range(0, EpochFlightTests.Members).Select(leaf => new Member(leaf))];
            Waiting = [.. Members.Select(_ => new WaitingFrames<int>(new WaitingSettings()))];
        }

        public Member[] Members { get; }

        public WaitingFrames<int>[] Waiting { get; }

        public int Sent { get; private set; }

        public void Run()
        {
            foreach (Member member in Members)
                member.Merge(0);

            double commit = 0;
            double[] last = new double[Members.Length];
            for (int epoch = 1; epoch <= _epochs; epoch++)
            {
                commit += 0.05 + _random.NextDouble();
                for (int i = 0; i < Members.Length; i++)
                {
                    // The log is ordered: nobody gets a commit before the one that precedes it.
                    last[i] = Math.Max(last[i], commit + (_random.NextDouble() * 0.25));
                    int member = i;
                    ulong number = (ulong)epoch;
                    At(last[i], () => Merge(member, number));
                }
            }

            for (double time = FrameEvery; time < commit + 1; time += FrameEvery)
            {
                for (int i = 0; i < Members.Length; i++)
                {
                    int sender = i;
                    At(time, () => Send(sender));
                }
            }

            double end = commit + 2;
            while (_events.TryDequeue(out Action? action, out (long Ticks, int) at))
            {
                _now = at.Ticks / (double)TimeSpan.TicksPerSecond;
                Assert.True(_now <= end, "The call does not end.");
                foreach (Member member in Members)
                    member.Keys.HandleTimeout(Member.At(_now));
                foreach (WaitingFrames<int> waiting in Waiting)
                    waiting.HandleTimeout(Member.At(_now));
                action();
            }
        }

        private void At(double time, Action action) => _events.Enqueue(action, (Member.At(time).Ticks, _order++));

        private void Merge(int index, ulong epoch)
        {
            // Every third commit removes somebody who is not of the three: then senders do not wait for the others.
            Members[index].Merge(epoch, _now, removed: epoch % 3 == 0 ? [3] : []);
            while (Waiting[index].TryTake(Members[index].Keys, out WaitingFrame<int> frame))
                Members[index].Open(frame.Frame.ToArray());

            _merged[index] = (int)epoch;
            if (_merged.All(merged => merged >= (int)epoch))
            {
                foreach (Member member in Members)
                    member.Keys.HandleAllReady(epoch);
            }
        }

        private void Send(int sender)
        {
            byte[] frame = Members[sender].Seal(BitConverter.GetBytes(Sent++));
            for (int i = 0; i < Members.Length; i++)
            {
                int receiver = i;
                if (receiver != sender)
                    At(_now + (_random.NextDouble() * 0.1), () => Receive(receiver, sender, frame));
            }
        }

        private void Receive(int receiver, int sender, byte[] frame)
        {
            OpenOutcome outcome = Members[receiver].Opener.Open(frame, [], new byte[frame.Length], out SFrameHeader header, out _);
            if (outcome == OpenOutcome.KeyAhead)
                Waiting[receiver].TryKeep((uint)sender, header.KeyId, frame, [], 0, Member.At(_now));
        }
    }
}
