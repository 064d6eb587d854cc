# shellcheck shell=bash
# Functions that let `auditgate send` talk to an MLLP server of another maker. To be sourced after deploy/service.sh;
# needs $auditgate, $source_folder and $folder (a temporary one), counts in $passed and $failed.

: "${auditgate:?}" "${source_folder:?}" "${folder:?}"
passed=0 failed=0

# check NAME COMMAND...: one test, passed when the command succeeds.
check() {
    local name=$1
    shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "    FAILED: $name"; fi
}

# start_server NAME COMMAND... PORT: starts a server, and returns when it listens there.
start_server() {
    local name=$1 port=${*: -1} deadline=$((SECONDS + 30))
    shift
    "$@" >"$folder/$name.log" 2>&1 &
    service_pids+=($!)
    until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        if ! kill -0 "${service_pids[-1]}" || [ "$SECONDS" -ge "$deadline" ]; then
            tail -n 5 "$folder/$name.log"
            return 1
        fi
        sleep 0.1
    done
}

# The first message of the sample journey, with MSH-6 and MSH-10 of its own.
odd_message() { sed "1s/|AUDIT|/|$1|/; 1s/|SAMPLE[0-9]*|/|$2|/" "$(find "$folder/journey" -name '*.hl7' | sort | head -n 1)"; }

# send_to NAME PORT: the sample journey, then messages that are answered negatively, too late, and by the end of the
# connection. Prints a line of the table: name, journey, a second, negative, late, closed.
send_to() {
    local name=$1 port=$2 before=$failed messages good rate status
    local out=$folder/$name.out
    [ -d "$folder/journey" ] ||
        "$source_folder/deploy/sample/expand" "$("$source_folder/deploy/sample/expand" --ending "$(date +%F)")" "$folder/journey"
    messages=$(find "$folder/journey" -name '*.hl7' | wc -l)
    "$auditgate" send --json --to "127.0.0.1:$port" --timeout 10 "$folder/journey" >"$out" || true
    good=$(grep -c '"answer":"AA"' "$out" || true)
    passed=$((passed + good)) failed=$((failed + messages - good))
    # the text tells how many and how quickly
    "$auditgate" send --to "127.0.0.1:$port" --timeout 10 "$folder/journey" >"$out" || true
    check "$name: rate is told" grep -qE "^$messages messages in .* a second\): AA $messages$" "$out"
    rate=$(sed -n 's/.*(\([0-9]*\) a second).*/\1/p' "$out")

    odd_message NEGATIVE "NEG-$name" >"$folder/negative.hl7"
    status=0
    "$auditgate" send --to "127.0.0.1:$port" "$folder/negative.hl7" >"$out" || status=$?
    check "$name: a negative answer is exit code 1" [ "$status" = 1 ]
    check "$name: a negative answer is explained" grep -q 'AE not taken: send it again' "$out"

    # The answer comes after the timeout: closed, sent again, and the late one is not taken for that of the next message.
    mkdir -p "$folder/late"
    odd_message LATE "LATE1-$name" >"$folder/late/1.hl7"
    odd_message AUDIT "LATE2-$name" >"$folder/late/2.hl7"
    status=0
    "$auditgate" send --to "127.0.0.1:$port" --timeout 1 --attempts 4 "$folder/late" >"$out" || status=$?
    check "$name: a late answer, sent again" [ "$status" = 0 ]
    check "$name: both answers are their own" grep -q ': AA 2$' "$out"
    odd_message LATE "LATE3-$name" >"$folder/late/1.hl7"
    status=0
    "$auditgate" send --to "127.0.0.1:$port" --timeout 1 --attempts 1 "$folder/late/1.hl7" >"$out" || status=$?
    check "$name: no answer in time is exit code 5" [ "$status" = 5 ]

    odd_message CLOSE "CLOSE-$name" >"$folder/close.hl7"
    status=0
    "$auditgate" send --to "127.0.0.1:$port" --timeout 10 "$folder/close.hl7" >"$out" || status=$?
    check "$name: sent again after the connection was closed" [ "$status" = 0 ]
    printf '  %-16s %3d of %d answered AA, %5s a second; negative, late and closed: %s\n' "$name" "$good" "$messages" \
        "$rate" "$([ "$failed" = "$before" ] && echo right || echo wrong)"
}
