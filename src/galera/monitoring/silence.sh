# Silences alerts for as long as signs of life come in. When they stay away, because galactl has ended, or because its machine
# or this host has lost its network, the silence ends within three minutes. $1 address and $2 port of Alertmanager, $3 the
# silence: its members in JSON without those that are put in here. (prometheus.io, Alertmanager's API v2)
set -eu
address=$1 port=$2 silence=$3 id=
moment() { date -u -d "$1" +%FT%TZ; }
# Alertmanager begins a silence now that would have begun in the past. Later it changes the silence only under that very
# beginning; any other makes a new one of it. So the beginning is asked for, and the id is taken from each answer.
past=$(moment '-1 hour')
begin=$past
silent() {
    answer=$(http_send POST "$address" "$port" /api/v2/silences \
        "{\"id\":\"$id\",\"startsAt\":\"$begin\",\"endsAt\":\"$(moment '+3 minutes')\",$silence}")
    was=$id
    id=$(printf '%s' "$answer" | sed -n 's/.*"silenceID":"\([^"]*\)".*/\1/p')
    [ "$id" = "$was" ] && return
    begin=$(http_get "$address" "$port" "/api/v2/silence/$id" | sed -n 's/.*"startsAt":"\([^"]*\)".*/\1/p')
    begin=${begin:-$past}
}
silent
if [ -z "$id" ]; then
    why=$(printf '%s' "$answer" | tail -n 1)
    echo "the Alertmanager at $address:$port does not take it: ${why:-no answer}"
    exit 1
fi
trap '[ -z "$id" ] || http_send DELETE "$address" "$port" "/api/v2/silence/$id" "" >/dev/null' EXIT
echo ready
renewed=$(date +%s)
while timeout 30 sh -c 'read -r beat'; do
    [ "$(($(date +%s) - renewed))" -lt 60 ] && continue
    silent
    renewed=$(date +%s)
done
