# Makes roomagent.conf(5) from the configuration file we ship, where every setting stands with its default and is explained:
#
#   [section]
#   # What it is for.
#   # Allowed is this or that. A reload applies it.
#   #key = default
#
# Usage: awk -f roomagent.conf.5.awk roomagent.conf

BEGIN {
    print ".Dd November 22, 2026"
    print ".Dt ROOMAGENT.CONF 5"
    print ".Os"
    print ".Sh NAME"
    print ".Nm roomagent.conf"
    print ".Nd configuration of roomagent"
    print ".Sh SYNOPSIS"
    print ".Pa /etc/roomagent/roomagent.conf"
    print ".Pp"
    print ".Pa /etc/roomagent/roomagent.conf.d/*.conf"
    print ".Sh DESCRIPTION"
    print "Settings are lines of the form"
    print ".Ql key = value"
    print "below a line with their section in brackets."
    print "A value with blanks at its ends stands in double quotes."
    print "A line that begins with # or ; is a comment; behind a value there is none."
    print "Sections, keys and words are the same in small and capital letters."
    print "An unknown section or key, or a value that is not allowed, keeps"
    print ".Xr roomagent 8"
    print "from starting."
    print ".Pp"
    print "Later wins: roomagent.conf; the files in roomagent.conf.d, by name; the"
    print "environment, as"
    print ".Ev ROOMAGENT_SECTION_KEY"
    print "with _ for -, for example"
    print ".Ev ROOMAGENT_LOG_LEVEL=debug ;"
    print "the command line, for example"
    print ".Ql --set log.level=debug ."
}

/^\[/ {
    if (section) print ".El"
    section = $0
    explanation = ""
    print ".Sh SECTION " section
    print ".Bl -tag -width Ds"
    next
}

section && /^# / {
    text = substr($0, 3)
    gsub(/\. +/, ".\n", text)
    explanation = explanation text "\n"
    next
}

section && /^#[^ ]+ = / {
    key = substr($1, 2)
    print ".It Cm " key " = " substr($0, length($1) + 4)
    printf "%s", explanation
    explanation = ""
}

END {
    if (!section) exit 1
    print ".El"
    print ".Sh SEE ALSO"
    print ".Xr roomagent 8"
}
