# What a server would do if it was started now.

# cluster_words UNIT_TEXT ENVIRONMENT: words of a unit with which its server reads other files, or is in another
# cluster or in none.
cluster_words() {
    printf '%s\n' "$1" "$2" | grep -E '^(ExecStart|Environment|MYSQLD_OPTS|[[:space:]])' |
        grep -oE -- "--(((loose|skip|disable|enable)[-_])*wsrep[-_](on|provider|cluster[-_](name|address))(=[^ \"';]*)?|defaults[-_][a-z-]+=[^ \"';]+)"
}

# next_start PROGRAM WORDS: the server's own answer, with all files that it reads. It makes a file in its data
# directory, so that it is given none. It wants those words first that name files. The first line is `version=` and what
# it says of itself.
next_start() {
    apart() { [ -z "$words" ] || printf '%s\n' "$words" | grep "$@" -e '^--defaults' | tr '\n' ' '; }
    words=$2
    # shellcheck disable=SC2046 # these are words
    HOME=/nonexistent timeout 10 "$1" $(apart) $(apart -v) --datadir=/nonexistent --user=mysql --verbose --help 2>/dev/null |
        sed -n '1s/^.* Ver /version=/p; s/^wsrep-\(on\|provider\|cluster-name\|cluster-address\)  *\(.*\)$/wsrep-\1=\2/p'
}
