# shellcheck shell=bash
# Functions to run a gateway and a registry of the demo: for deploy/quickstart and the tests that need real processes.
# To be sourced; needs $auditgate (the program) and $source_folder (the checkout), keeps process ids in $service_pids.

: "${auditgate:?}" "${source_folder:?}"
service_pids=()

# The given port when nobody listens on it, else the next one that is free.
free_port() {
    local port=$1
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
    echo "$port"
}

# Status code of GET http://127.0.0.1:PORT/PATH, the body goes to the file OUT. 000 when nobody answers.
http_get() {
    local port=$1 path=$2 out=${3:-/dev/null} status
    exec 4<>"/dev/tcp/127.0.0.1/$port" || { echo 000; return; }
    printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$path" >&4
    IFS=' ' read -r _ status _ <&4 || status=000
    sed '1,/^\r$/d' <&4 >"$out"
    exec 4<&-
    echo "$status"
} 2>/dev/null

# Writes the demo's configuration into FOLDER, with its data beside it and these ports, and makes what it names once: the words
# by which the registry knows the gateway, and those who fetch records.
write_demo_configuration() {
    local folder=$1 mllp_port=$2 operations_port=$3 registry_port=$4 name
    (umask 077 && mkdir -p "$folder/tokens")
    for name in demo-hospital analysts; do
        [ -s "$folder/tokens/$name" ] ||
            (umask 077 && od -An -N 24 -tx1 /dev/urandom | tr -d ' \n' >"$folder/tokens/$name")
    done
    for name in gateway registry; do
        sed -e "s|\.\./\.\./data/||; s|\.\./\.\./config|$source_folder/config|" \
            -e "s|\b2575\b|$mllp_port|; s|\b9275\b|$operations_port|; s|\b8480\b|$registry_port|" \
            "$source_folder/deploy/demo/$name.yaml" >"$folder/$name.yaml"
    done
}

# Starts `auditgate ROLE` with its configuration in FOLDER; its log goes to FOLDER/ROLE.log.
start_service() {
    local role=$1 folder=$2
    "$auditgate" "$role" --config "$folder/$role.yaml" >>"$folder/$role.log" 2>&1 &
    service_pids+=($!)
}

# Waits until /health/ready of PORT says 200; 1 when the process PID ends before, or after 30 seconds.
wait_until_ready() {
    local port=$1 pid=$2 deadline=$((SECONDS + 30))
    until [ "$(http_get "$port" /health/ready)" = 200 ]; do
        kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# Ends what start_service() started: what is in flight is finished first.
stop_services() {
    local pid
    for pid in "${service_pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
    for pid in "${service_pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    service_pids=()
}
