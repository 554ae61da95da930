# shellcheck shell=bash
# Owns how cargo is called: for the whole workspace, whatever is wanted of it, so that each dependency has one set of features and
# is compiled once; and that it says how far it is.
#
# Needs lib.sh. Targets are named by their own options: --bin, --test, --example.

cargo_build() { cargo_steps build --locked --workspace "$@"; }
cargo_build_tests() { cargo_steps test --locked --workspace --no-run "$@"; }
cargo_test() { cargo test --locked --workspace "$@"; }

# cargo_steps ARGUMENTS…: not for running tests, whose leftovers would hold the pipe open.
cargo_steps() {
    if [ -z "${LABYARD_STEP_FILE:-}" ]; then
        cargo "$@"
        return
    fi
    local code=0
    { CARGO_TERM_PROGRESS_WHEN=always CARGO_TERM_PROGRESS_WIDTH=80 cargo "$@" 2>&1 >&3 | crates_done >&2; } 3>&1 || code=$?
    rm -f "$LABYARD_STEP_FILE" # what follows is no compiling
    return "$code"
}

# crates_done: takes cargo's moving line out of its output and into the step.
crates_done() {
    perl -e '
        $| = 1;
        my $rest = "";
        while (sysread STDIN, my $bytes, 65536) {
            $rest .= $bytes;
            while ($rest =~ s/^([^\r\n]*)([\r\n])//) {
                my ($line, $end) = ($1, $2);
                $line =~ s/\e\[K//g;
                if ($line =~ m{^ *Building \[.*?\] +(\d+)/(\d+)}) {
                    if (open my $step, ">", $ENV{LABYARD_STEP_FILE}) { print $step "$1 of $2 crates" }
                } elsif ($end eq "\n") {
                    print "$line\n";
                }
            }
        }
        print $rest;'
}
