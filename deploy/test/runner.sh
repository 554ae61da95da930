# shellcheck shell=bash
# Owns how parts of a test run are run, timed, bounded, counted and told.

logs=$root/target/test-logs
TAIL_LINES=60
tests_passed=0
tests_failed=0
table=()
failures=()
declare -A running=() began=() limit=() outcome=()

# begin NAME MINUTES: starts part_NAME in a process group of its own.
begin() {
    say "$1: begins"
    began[$1]=$SECONDS
    limit[$1]=$((SECONDS + $2 * 60))
    set -m
    (
        set -e
        "part_${1//-/_}"
    ) >"$logs/$1.log" 2>&1 </dev/null &
    running[$1]=$!
    set +m
}

# join NAME: waits for its end, counts, tells.
join() {
    local name=$1 code=0 pid=${running[$1]} took
    until ! alive "$pid"; do
        if [ "$SECONDS" -ge "${limit[$name]}" ]; then
            echo "ended after its time was over" >>"$logs/$name.log"
            end_part "$pid"
        fi
        sleep 0.2
    done
    wait "$pid" || code=$?
    unset "running[$name]"
    took=$((SECONDS - began[$name]))
    count "$name" "$code"
    outcome[$name]=$code
    table+=("$(printf '%-12s %-7s %5d passed %4d failed  %2d:%02d min' "$name" \
        "$([ "$code" = 0 ] && echo ok || echo FAILED)" "$part_passed" "$part_failed" $((took / 60)) $((took % 60)))")
    say "$name: $([ "$code" = 0 ] && echo passed || echo FAILED)"
    [ "$code" = 0 ] || { failures+=("$name"); tell "$name"; }
}

part() {
    begin "$@"
    join "$1"
}

passed() { [ "${outcome[$1]:-1}" = 0 ]; }

end_part() {
    kill -TERM -- "-$1" 2>/dev/null || true
    until_true 20 none_alive "$1" || kill -KILL -- "-$1" 2>/dev/null || true
}
end_parts() {
    local pid
    for pid in "${running[@]}"; do end_part "$pid"; done
}

tell() {
    printf '\n--- the end of %s ---\n' "$logs/$1.log" >&2
    tail -n "$TAIL_LINES" "$logs/$1.log" >&2
    printf -- '---\n\n' >&2
}

# retell NAME: what failed, in the words of cargo, vitest and node, for who sees the end of the output only.
retell() {
    printf '%s:\n' "$1"
    grep -hE -A 6 'panicked at|^error|^not ok|AssertionError|FAIL |✖|^fail|^labyard: ' "$logs/$1.log" | head -n 60 | sed 's/^/  /'
}

# count NAME CODE: the tests named by the closing lines of cargo, vitest and node; a part without any counts as one.
count() {
    local passed failed
    read -r passed failed < <(awk '
        /^test result:/ { for (i = 1; i < NF; i++) { if ($(i + 1) ~ /^passed/) p += $i; if ($(i + 1) ~ /^failed/) f += $i } }
        /^ +Tests +[0-9]/ { for (i = 1; i < NF; i++) { if ($(i + 1) == "passed") p += $i; if ($(i + 1) == "failed") f += $i } }
        /^(#|ℹ) pass [0-9]+$/ { p += $3 }
        /^(#|ℹ) fail [0-9]+$/ { f += $3 }
        END { print p + 0, f + 0 }' "$logs/$1.log")
    [ "$2" = 0 ] || [ "$failed" -gt 0 ] || failed=1
    [ $((passed + failed)) -gt 0 ] || passed=1
    part_passed=$passed part_failed=$failed
    tests_passed=$((tests_passed + passed))
    tests_failed=$((tests_failed + failed))
}

# summary: the table, the closing line, and the end.
summary() {
    local name
    printf '\n'
    for name in "${failures[@]}"; do retell "$name"; done
    printf '%s\n' "${table[@]}"
    printf '%d:%02d min in all; logs: %s\n\n' $((SECONDS / 60)) $((SECONDS % 60)) "$logs"
    printf '%d passed, %d failed\n' "$tests_passed" "$tests_failed"
    [ "$tests_failed" = 0 ]
    exit
}
