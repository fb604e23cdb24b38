# Listens on ports of this host for the time of a probe; ends with its input.
#   arguments: the programs to which the ports belong, as "one|other"; a token; the host's address or name; the ports
#
# Prints a line a port, then "ready". Whoever connects gets the token, and closes first. A
# connection that is closed here is reset, so that no port stays busy (TIME_WAIT) after the probe.
use strict;
use warnings;
use Errno qw(EADDRINUSE);
use IO::Handle;
use IO::Select;
use Socket qw(:addrinfo AF_INET AF_INET6 INADDR_ANY IN6ADDR_LOOPBACK SOCK_STREAM SOL_SOCKET
    SO_LINGER SO_REUSEADDR pack_sockaddr_in pack_sockaddr_in6 unpack_sockaddr_in unpack_sockaddr_in6);

my ($own_programs, $token, $name, @ports) = @ARGV;
$SIG{PIPE} = 'IGNORE';
STDOUT->autoflush(1);

# A host's own name often leads to 127.0.1.1, where nobody else can reach it.
sub is_loopback {
    my ($found) = @_;
    return (unpack_sockaddr_in6($found->{addr}))[1] eq IN6ADDR_LOOPBACK if $found->{family} == AF_INET6;
    return ord((unpack_sockaddr_in($found->{addr}))[1]) == 127;
}

# Programs that listen on each port, whatever their address. One question for all: it costs a walk over all processes.
sub owners {
    my %owners;
    for (split /\n/, qx(ss -H -ltnp 2>/dev/null) // '') {
        my ($port) = ((split)[3] // '') =~ /:(\d+)$/ or next;
        push @{ $owners{$port} }, map { my ($program, $pid) = @$_; "$program (pid $pid)" } pairs(/\("([^"]+)",pid=(\d+)/g);
    }
    return %owners;
}

sub pairs { my @pairs; push @pairs, [splice @_, 0, 2] while @_; return @pairs }

my ($error, @found) = getaddrinfo($name, '', {socktype => SOCK_STREAM});
my ($own) = grep { !is_loopback($_) } @found;
my ($family, $address) = (AF_INET, INADDR_ANY);
if ($own && $own->{family} == AF_INET6) {
    ($family, $address) = (AF_INET6, (unpack_sockaddr_in6($own->{addr}))[1]);
} elsif ($own) {
    $address = (unpack_sockaddr_in($own->{addr}))[1];
}

my $watched = IO::Select->new(\*STDIN);
my %listens;
my %owners = owners();
for my $port (@ports) {
    my @owners = @{ $owners{$port} // [] };
    my ($foreign) = grep { !/^(?:$own_programs) / } @owners;
    if ($foreign) {
        print "$port used $foreign\n";
        next;
    }
    socket(my $socket, $family, SOCK_STREAM, 0) or die "socket: $!\n";
    setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
    my $at = $family == AF_INET6 ? pack_sockaddr_in6($port, $address) : pack_sockaddr_in($port, $address);
    if (bind($socket, $at) && listen($socket, 1024)) {
        $socket->blocking(0);
        $watched->add($socket);
        $listens{fileno $socket} = $socket;
        print "$port listening\n";
    } elsif ($! != EADDRINUSE) {
        print "$port failed it cannot listen at $name: $!\n";
    } else {
        print $port, @owners ? " server\n" : " used\n";
    }
}
print "ready\n";

while (1) {
    for my $ready ($watched->can_read) {
        if ($ready == \*STDIN) {
            exit unless sysread STDIN, my $ignored, 4096;
        } elsif ($listens{fileno $ready}) {
            accept(my $client, $ready) or next;
            setsockopt($client, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
            syswrite $client, "$token\n";
            $watched->add($client);
        } elsif (!sysread $ready, my $ignored, 4096) {
            $watched->remove($ready);
            close $ready;
        }
    }
}
