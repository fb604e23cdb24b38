# of_users DATADIR: sets $of_users to how many databases, and relations of the database `postgres`, users have made in it, also of
# a server that is stopped. Numbers below 16384 are PostgreSQL's own; that database has the number 5 from version 15 on.
of_users() {
    of_users=$(
        {
            find "$1/base" -maxdepth 1 -name '[0-9]*'
            find "$1/base/5" -maxdepth 1 -name '[0-9]*' 2>/dev/null
        } | awk -F/ '{ number = $NF; sub(/[_.].*/, "", number) } number + 0 >= 16384 { all++ } END { print all + 0 }'
    )
}
