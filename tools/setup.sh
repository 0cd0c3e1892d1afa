# shellcheck shell=bash
# What the scripts at the root share: finding the SDK, installing what is missing, building. Sourced, never run.
#
#   prepare build test     the SDK is there and so are the packages of these purposes; else install them, else say so
#   build PROJECT          restore it by the lock files, then build it for release
#   step, fail, help       say what happens; say in one sentence what to do, and end; show the comment on top of the script
#
# A script sets install=no (its --no-install) before it calls prepare.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$root/artifacts/logs
me=$0
install=yes

# Debian packages by purpose: one a line, by a name that Debian 12 and 13 both have.
# package:program is there, too, when the program is: some get it from elsewhere than Debian.
package_table() {
    cat <<'END'
build   ca-certificates     the packages of the build come over https
build   openssl             brings libssl3, or libssl3t64 as Debian 13 calls it: our cryptography and .NET's https
build   gcc                 compiles hal/native, with the next three
build   libc6-dev
build   make
build   pkg-config
build   libavcodec-dev      FFmpeg: H.264, and what cameras and files bring
build   libavformat-dev     and files
build   libavdevice-dev     and cameras, microphones and test pictures
build   libavutil-dev       and what these have in common
build   libswscale-dev      and the sizes and colours of pictures
build   libswresample-dev   and the rates of sound
build   libopus-dev         voices
build   libasound2-dev      loudspeakers
build   libspeexdsp1        takes echo and noise out of the microphone's sound
build   libcairo2           draws the room's screen, with the next four
build   libpango-1.0-0      lays its text out
build   libpangocairo-1.0-0
build   libqrencode4        makes the QR code to pair with
build   fonts-noto-core     Noto Sans, for the screen's words in all its languages and for names in most scripts
test    jq                  reads the test reports
bench   libsrtp2-1          the SRTP that ours is measured beside
bench   ffmpeg              the encoding that ours is measured beside
bench   postgresql          the database whose commits are counted
measure postgresql          the database whose epochs are contested
peer    shellcheck          checks these scripts
peer    systemd             its journal and its analyzer read what we give them
peer    systemd-container   boots a Debian with the package installed
peer    debootstrap         makes that Debian
peer    procps              ends it (kill)
peer    debhelper           builds the package, with the next two
peer    dpkg-dev
peer    git
peer    lintian             judges the package
peer    libsrtp2-1          the other SRTP
peer    zbar-tools:zbarimg  reads the QR code on the screen
peer    tshark              reads the RTP and RTCP that we write
peer    squid               a proxy that wants a password
peer    ffmpeg              the other camera, encoder and decoder
peer    iproute2            makes hosts of their own, in network namespaces
peer    nftables            puts firewalls and NATs between them
peer    conntrack           lets a NAT forget
peer    espeak-ng           says the sentences that our sound is measured with
peer    sox                 makes the noise to them
peer    postgresql          the database of many hubs; the tests start a server of their own from it
peer    chromium            looks at the hub's pages
peer    chromium-driver     and is led through them
peer    nodejs:node         runs ts-mls, the other MLS implementation
peer    npm:npm             fetches it
END
}

# .NET: no greeting, no telemetry, no development certificate, and no libicu (the product does without it too).
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
export DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

# Colours for people, plain text for files.
# shellcheck disable=SC2034  # the scripts use them
bold='' red='' yellow='' plain=''
if [[ -t 1 && -t 2 && -z ${NO_COLOR:-} ]]; then
    # shellcheck disable=SC2034
    bold=$'\e[1m' red=$'\e[31m' yellow=$'\e[33m' plain=$'\e[0m'
fi

step() { echo "$bold$*$plain" >&2; }

fail() {
    echo "$red$me: $*$plain" >&2
    exit 1
}

help() { sed -n '2,/^$/ { s/^# \{0,1\}//; p }' "$0"; }

# --- what must be there ---------------------------------------------------------------------------------------------

prepare() {
    find_home
    find_sdk
    find_packages "$@"
    check_sdk
}

# NuGet and the SDK keep files in HOME; a service may have none.
find_home() {
    [[ -w ${HOME:-} ]] && return
    export HOME=$root/artifacts/home
    mkdir -p "$HOME"
}

find_sdk() {
    local folder
    command -v dotnet >/dev/null && return
    for folder in "${DOTNET_ROOT:-}" "$HOME/.dotnet"; do
        [[ -x $folder/dotnet ]] || continue
        export DOTNET_ROOT=$folder PATH=$folder:$PATH
        return
    done
    fail "there is no .NET SDK here: $get_sdk"
}

# The SDK obeys global.json when asked for its version.
check_sdk() {
    local wanted found
    in_root dotnet --version >/dev/null 2>&1 && return
    wanted=$(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' "$root/global.json")
    found=$(dotnet --list-sdks 2>/dev/null | cut -d ' ' -f 1 | paste -s -d ' ') || true
    fail "global.json wants the .NET SDK $wanted or a later 10.0, here is ${found:-none}: $get_sdk"
}
get_sdk='install the .NET 10 SDK (https://dotnet.microsoft.com/download/dotnet/10.0), then run this again.'

find_packages() {
    local missing
    command -v dpkg-query >/dev/null || fail "this system is not a Debian (no dpkg-query): use Debian 12 or 13."
    missing=$(missing_packages "$@")
    [[ -n $missing ]] || return 0
    [[ $install == yes ]] || fail "--no-install was given and $missing is missing: run \`apt-get install --no-install-recommends $missing\` as root, then run this again."
    install_packages "$missing"
    missing=$(missing_packages "$@")
    [[ -z $missing ]] || fail "apt-get ended well but $missing is not installed: see $logs/apt.log."
}

# One dpkg-query for all, some milliseconds: when nothing is missing apt is never started.
missing_packages() {
    local wanted installed
    wanted=$(package_table | awk -v purposes=" $* " 'index(purposes, " " $1 " ") { print $2 }' | without_present | sort -u)
    # shellcheck disable=SC2086  # one word a package
    installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^installed //p' | sort -u) || true
    comm -23 <(echo "$wanted") <(echo "$installed") | paste -s -d ' '
}

# Of package:program, the packages whose program is not there; all others as they are.
without_present() {
    local entry
    while read -r entry; do
        [[ $entry == *:* ]] && command -v "${entry#*:}" >/dev/null && continue
        echo "${entry%:*}"
    done
}

install_packages() {
    local missing=$1 as_root=()
    if [[ $(id -u) != 0 ]]; then
        local ask="ask an administrator to run \`apt-get install --no-install-recommends $missing\`, then run this again."
        command -v sudo >/dev/null || fail "you are not root and there is no sudo here to install $missing: $ask"
        as_root=(sudo)
        sudo -n true 2>/dev/null || [[ -t 0 ]] || fail "sudo wants a password to install $missing, and nobody is here to type it: $ask"
    fi

    step "installing $missing"
    mkdir -p "$logs"
    : >"$logs/apt.log"
    # Straight away first: the package lists are usually there. If they are not, or are too old, fetch them and try again.
    # shellcheck disable=SC2086  # one word a package
    apt_get install --no-install-recommends $missing || { apt_get update; apt_get install --no-install-recommends $missing; } && return

    if grep -qE 'Failed to fetch|Temporary failure|Could not (resolve|connect)' "$logs/apt.log"; then
        fail "apt-get could not fetch $missing: check the network and /etc/apt/sources.list, then run this again ($logs/apt.log says more)."
    fi
    fail "apt-get could not install $missing ($(grep -m 1 '^E: ' "$logs/apt.log" || echo 'it does not say why')): put that right, then run this again."
}

apt_get() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$logs/apt.log" 2>&1
}

# --- building -------------------------------------------------------------------------------------------------------

build() {
    mkdir -p "$logs"
    step "restoring"
    if ! in_root dotnet restore --locked-mode "$1" >"$logs/restore.log" 2>&1; then
        grep -q NU1004 "$logs/restore.log" && fail "a packages.lock.json does not fit its project: run \`dotnet restore --force-evaluate\`, look at what changed, commit it."
        grep -q UntrustedRoot "$logs/restore.log" && fail "the package feed shows a certificate that this system does not trust: if your network has a certificate authority of its own, put it into /usr/local/share/ca-certificates, run \`update-ca-certificates\`, then run this again."
        grep -q NU1301 "$logs/restore.log" && fail "NuGet could not fetch a package: check the network, then run this again ($logs/restore.log says more)."
        show_errors "$logs/restore.log"
        fail "restoring failed: the errors are above, everything is in $logs/restore.log."
    fi
    step "building"
    if ! in_root dotnet build --no-restore --configuration Release "$1" >"$logs/build.log" 2>&1; then
        show_errors "$logs/build.log"
        fail "building failed: the errors are above, everything is in $logs/build.log."
    fi
}

# dotnet reads the global.json of the folder it is called in.
in_root() { (cd "$root" && "$@" </dev/null); }

# MSBuild says everything twice, and every time with the project's whole path.
show_errors() {
    grep -E '(error|warning) [A-Z]+[0-9]+|: error' "$1" | sed -E "s|^ +||; s| \[[^]]*\]$||; s|$root/||g" | sort -u >&2 || tail -n 20 "$1" >&2
}
