# Which major version of PostgreSQL this Debian release has; packages.sh comes next.
# shellcheck source=/dev/null
case $(. /etc/os-release && echo "$ID $VERSION_ID") in
'debian 12') version=15 ;;
'debian 13') version=17 ;;
*) version=none ;;
esac
wanted=postgresql-common needed="postgresql-$version postgresql-$version-pglogical"
