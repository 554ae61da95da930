# shellcheck shell=bash
# Owns the list of long jobs that deploy/run works through: builds of `make up`, parts of `make test`.

IDLE_S=240 # without output and processor time a job hangs

jobs=()

# job LANE NAME SECONDS COMMAND [AFTER…]: after those before it in its lane, and those it names; lanes run beside each other. SECONDS
# is what it takes on two cores with nothing built.
job() {
    local lane=$1 name=$2 seconds=$3 command=$4 after=''
    shift 4
    [ $# = 0 ] || after=$(printf ',"%s"' "$@")
    jobs+=("$(printf '{"lane":"%s","name":"%s","expected_s":%d,"command":["bash","-c",%s],"after":[%s]}' \
        "$lane" "$name" "$seconds" "$(json "$command")" "${after#,}")")
}

json() {
    local text=${1//\\/\\\\}
    printf '"%s"' "${text//\"/\\\"}"
}

# run_jobs TITLE LOGS [--tests] [--deadline SECONDS]: with --tests failures are counted, without the first ends everything.
run_jobs() {
    local title=$1 logs=$2 tests=false deadline='' plan
    shift 2
    while [ $# -gt 0 ]; do
        case $1 in
        --tests) tests=true ;;
        --deadline) deadline="\"deadline_s\":$2," && shift ;;
        esac
        shift
    done
    plan=$logs/plan.json
    mkdir -p "$cache"
    {
        printf '{"title":%s,"cwd":%s,"logs":%s,"history":%s,"idle_s":%d,"elapsed_s":%d,%s"stop_at_failure":%s,"count_tests":%s,"jobs":[\n' \
            "$(json "$title")" "$(json "$root")" "$(json "$logs")" "$(json "$cache/seconds.json")" "$IDLE_S" "$SECONDS" "$deadline" \
            "$([ "$tests" = true ] && echo false || echo true)" "$tests"
        (IFS=,; printf '%s\n' "${jobs[*]}")
        printf ']}\n'
    } >"$plan"
    node "$root/deploy/run/main.mjs" "$plan"
}
