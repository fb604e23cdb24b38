# Which packages of the engine the host has, and which it could install. It stands before the scripts of its roles.
wanted='patroni etcd-server etcd-client python3-etcd python3-psycopg2 postgresql-common'
if command -v dpkg-query >/dev/null; then
    # shellcheck disable=SC2086 # Several packages are several words.
    installed=$(dpkg-query -W -f '${Package}\t${db:Status-Status}\t${Version}\n' $wanted 'postgresql-[0-9]*' 2>/dev/null)
    printf '%s\n' "$installed" | section packages
    case $installed in
    *etcd-server"$tab"installed*patroni"$tab"installed*) ;;
    *)
        # apt names packages that it does not know in an error, and goes on.
        # shellcheck disable=SC2086
        apt-cache policy $wanted postgresql-13 postgresql-14 postgresql-15 postgresql-16 postgresql-17 postgresql-18 2>/dev/null |
            sed -n 's/^\([a-z0-9.+-]*\):$/\1/; t name; s/^  Candidate: //; t told; d; :name; h; d; :told; H; x; s/\n/\t/p' |
            section candidates
        ;;
    esac
fi
