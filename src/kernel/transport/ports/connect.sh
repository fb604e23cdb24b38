# Runs connect.pl, which is $1.
exec 2>&1
exec perl -e "$1"
