# Silences alerts until this script's input ends, and so until galactl or its connection has ended. Should the host lose its
# network first, the silence ends by itself within three minutes. $1 address and $2 port of Alertmanager, $3 the silence: its
# members in JSON without those that are put in here. (prometheus.io, Alertmanager's API v2)
set -eu
address=$1 port=$2 silence=$3 id=
moment() { date -u -d "$1" +%FT%TZ; }
begin=$(moment now)
# A silence that has an id is changed.
put() {
    http_send POST "$address" "$port" /api/v2/silences \
        "{\"id\":\"$id\",\"startsAt\":\"$begin\",\"endsAt\":\"$(moment '+3 minutes')\",$silence}"
}
answer=$(put)
id=$(echo "$answer" | sed -n 's/.*"silenceID":"\([^"]*\)".*/\1/p')
if [ -z "$id" ]; then
    echo "the Alertmanager at $address:$port does not take the silence: $(echo "$answer" | tail -n 1)" >&2
    exit 1
fi
while sleep 60; do put; done </dev/null >/dev/null 2>&1 &
keeper=$!
trap 'kill "$keeper" || :; http_send DELETE "$address" "$port" "/api/v2/silence/$id" "" >/dev/null' EXIT
echo ready
cat >/dev/null
