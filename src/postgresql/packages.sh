# Which packages the host has, and which it could install. The scripts before it set:
#   $wanted   packages that matter, beside $needed and all that begin with postgresql-
#   $needed   those of which one must be missing for apt to be asked, which takes its time
if command -v dpkg-query >/dev/null; then
    # shellcheck disable=SC2086 # Several packages are several words.
    installed=$(dpkg-query -W -f '${Package}\t${db:Status-Status}\t${Version}\n' $wanted $needed 'postgresql-[0-9]*' 2>/dev/null)
    printf '%s\n' "$installed" | section packages
    missing=
    for package in $needed; do
        case $newline$installed in
        *"$newline$package$tab"installed*) ;;
        *) missing=1 ;;
        esac
    done
    # apt names packages that it does not know in an error, and goes on.
    # shellcheck disable=SC2086
    [ -z "$missing" ] || apt-cache policy $wanted $needed postgresql-13 postgresql-14 postgresql-15 postgresql-16 postgresql-17 postgresql-18 2>/dev/null |
        sed -n 's/^\([a-z0-9.+-]*\):$/\1/; t name; s/^  Candidate: //; t told; d; :name; h; d; :told; H; x; s/\n/\t/p' |
        section candidates
fi
