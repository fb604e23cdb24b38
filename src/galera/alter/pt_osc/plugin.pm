# Loaded by pt-online-schema-change, which copies rows by INSERT IGNORE: that cuts off what does not fit (1265), and the
# tool warns of it only once. Here the copying ends at the first such warning, and the table stays as it is. What
# triggers copy does not fit either: the client's own statement fails then, as with the new table.
package pt_online_schema_change_plugin;

use strict;
use warnings;

# As many warnings as a server lists at most, see --set-vars. A row that a trigger has copied already gives one.
my $LISTED = 65_535;

sub new {
    my ($class, %args) = @_;
    my $dbh = $args{cxn}->dbh();
    $dbh->do(q{SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')});
    $SIG{__WARN__} = sub {
        die $_[0] if $_[0] =~ /^Copying rows caused a MySQL error/;
        print STDERR $_[0];
    };
    my $copy = \&pt_online_schema_change::exec_nibble;
    no warnings qw(redefine once);
    *pt_online_schema_change::exec_nibble = sub {
        my $took = $copy->(@_);
        my ($told) = $dbh->selectrow_array('SELECT @@warning_count');
        die "Copying rows caused more warnings than the server lists\n" if !defined $told || $told >= $LISTED;
        return $took;
    };
    # It asks for its session now and then. A new one would not be strict.
    *Cxn::connect = sub {
        my $session = $_[0]->{dbh};
        return $session if $session && $session->ping();
        die "Error: a session of it was ended\n";
    };
    return bless {}, $class;
}

1;
