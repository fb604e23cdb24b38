# Loaded by pt-online-schema-change, which copies rows by INSERT IGNORE: that cuts off what does not fit (1265), and the
# tool warns of it only once. Here the copying ends at the first such warning, and the table stays as it is. What
# triggers copy does not fit either: the client's own statement fails then, as with the new table.
package pt_online_schema_change_plugin;

use strict;
use warnings;

sub new {
    my ($class, %args) = @_;
    $args{cxn}->dbh()->do(q{SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')});
    $SIG{__WARN__} = sub {
        die $_[0] if $_[0] =~ /^Copying rows caused a MySQL error/;
        print STDERR $_[0];
    };
    return bless {}, $class;
}

1;
