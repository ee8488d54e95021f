# Words that all steps use: what is said, asked and run. Sourced by deploy/azure/azure.
# shellcheck shell=bash
# Set by deploy/azure/azure: root, dry_run, yes, subscription, group.
# shellcheck disable=SC2154,SC2034

say() { printf '%s\n' "$*" >&2; }
wrong() { say "deploy/azure: $*; --help tells more."; exit 2; }
fail() { say "deploy/azure: $*"; exit 1; }

# What belongs to one start: answers, errors, rendered files, headers with tokens. Nobody else may read it.
make_work_folder() {
    work=$(umask 077 && mktemp -d)
    answer=$work/answer.json
    errors=$work/errors
    : >"$answer"
    # Read from it with a timeout = wait without a process that would outlive this one.
    exec {never}<> <(:)
    child='' ticker='' doing=''
    trap clean_up EXIT
    trap 'stopped INT' INT
    trap 'stopped TERM' TERM
    trap 'stopped HUP' HUP
}

# A process that has just been forked still has these traps: it must not act for all.
clean_up() {
    [[ $BASHPID == "$$" ]] || return 0
    [[ -z $child ]] || kill "$child" 2>/dev/null || :
    [[ -z $ticker ]] || kill "$ticker" 2>/dev/null || :
    rm -rf -- "$work"
}

stopped() {
    [[ $BASHPID == "$$" ]] || exit 1
    trap '' INT TERM HUP
    say ''
    say "deploy/azure: stopped${doing:+ at \"$doing\"}; what Azure was told goes on there, and the same command again completes it."
    exit 1
}

# A command as it could be typed.
quoted() {
    local word text=''
    for word in "$@"; do
        [[ $word =~ ^[A-Za-z0-9_./:=@%+,-]+$ ]] || word="'${word//\'/\'\\\'\'}'"
        text+=" $word"
    done
    printf '%s' "${text# }"
}

# run WHAT COMMAND...: runs it, its output in $answer, its errors in $errors; says now and then that it still runs. In a dry run it is printed instead, and
# answers nothing.
run() {
    local what=$1 code=0 started=$SECONDS
    shift
    : >"$answer"
    : >"$errors"
    if [[ -n $dry_run ]]; then
        local words=("${@//"$work"/'<work>'}")
        printf '%s\n' "$(quoted "${words[@]//"$root/"/}")"
        return 0
    fi
    # In the background, so that a signal is heard at once.
    "$@" >"$answer" 2>"$errors" </dev/null &
    child=$!
    (
        trap - INT TERM HUP EXIT
        while ! read -rt 30 -u "$never"; do say "    $what: $((SECONDS - started)) s so far"; done
    ) &
    ticker=$!
    wait "$child" || code=$?
    # A signal that comes just after its fork is lost.
    while kill "$ticker" 2>/dev/null; do read -rt 0.01 -u "$never" || :; done
    wait "$ticker" 2>/dev/null || :
    child='' ticker=''
    return "$code"
}

# The Azure CLI, its answer as JSON in $answer.
azure() {
    local what=$1
    shift
    run "$what" az "$@" --only-show-errors --output json
}

# An answer's value by a jq expression; empty where there is none.
value() { jq -r "($1) // empty" "$answer" 2>/dev/null || :; }

# What the last command said went wrong, in one line; never more than a screen's.
reason() {
    local text
    text=$(sed -n 's/^ERROR: *//p' "$errors" | tr '\n' ' ')
    [[ -n $text ]] || text=$(grep . "$errors" | tail -n 1 || :)
    # A REST error holds the message within its JSON.
    if [[ $text == *'({'*'})'* ]]; then
        local json=${text#*(}
        text=$(jq -r '.error.message // .message // empty' <<<"${json%)*}" 2>/dev/null || :)
    fi
    text=${text//[$'\r\n\t']/ }
    while [[ $text == *[.\ ] ]]; do text=${text%?}; done
    [[ -n $text ]] || text='it said nothing'
    ((${#text} <= 400)) || text=${text:0:400}...
    printf '%s' "$text"
}

# step NAME FUNCTION...: says what is being done, and how long it took.
step() {
    local started=$SECONDS
    doing=$1
    say "$doing ..."
    shift
    "$@"
    [[ -n $dry_run ]] || ((SECONDS - started < 5)) || say "    done in $((SECONDS - started)) s"
    doing=''
}

# Between two looks at something that takes its time.
pause() { read -rt "${EVBILLING_AZURE_PAUSE_S:-10}" -u "$never" || :; }

# Asks a person; only an explicit yes is one.
confirm() {
    local reply=''
    [[ -z $yes && -z $dry_run ]] || return 0
    read -rp "$1 [y/N] " reply </dev/tty || :
    [[ $reply == [yY] || $reply == [yY][eE][sS] ]] || fail 'nothing was done, since the answer was not yes.'
}

# Where questions cannot be answered, --yes must say that none are to be asked.
need_someone_to_ask() { [[ -n $yes || -n $dry_run ]] || { [[ -t 0 ]] && : </dev/tty; } 2>/dev/null || wrong "$1 and there is no terminal to ask on: give --yes"; }

# az rest on Azure Resource Manager: arm WHAT METHOD PATH [BODY-FILE]; PATH begins with /subscriptions/ and has its api-version.
arm() { azure "$1" rest --method "$2" --url "$3" ${4:+--body "@$4"}; }
