# Connects to many ports at once, and tells what came of each.
#   input: a line a target: its number, address or name, port, and the token that must come back,
#   or "-" where any connection will do
#
# Prints "NUMBER open|refused|filtered HOW|stranger" for each.
use strict;
use warnings;
use Errno qw(ECONNREFUSED EINPROGRESS);
use IO::Handle;
use IO::Select;
use Socket qw(:addrinfo SOCK_STREAM SOL_SOCKET SO_ERROR);

my $patience = 3;    # seconds at least; the clock here counts whole ones
my $most_at_once = 256;

STDOUT->autoflush(1);
my @targets = map { [split] } <STDIN>;
my ($connecting, $reading) = (IO::Select->new, IO::Select->new);
my (%try, %resolved);

# The name as a number, or why there is none; a slow resolver is asked once a name.
sub resolve {
    my ($name) = @_;
    my ($error, $found) = getaddrinfo($name, '', {socktype => SOCK_STREAM});
    return [$error] if $error;
    return ['', (getnameinfo($found->{addr}, NI_NUMERICHOST, NIx_NOSERV))[1]];
}

sub start {
    my ($number, $name, $port, $token) = @{ $_[0] };
    my ($error, $ip) = @{ $resolved{$name} //= resolve($name) };
    return print "$number filtered its name cannot be resolved there: $error\n" if $error;
    my (undef, $at) = getaddrinfo($ip, $port, {socktype => SOCK_STREAM, flags => AI_NUMERICHOST});
    socket(my $socket, $at->{family}, SOCK_STREAM, 0) or return print "$number filtered $!\n";
    $socket->blocking(0);
    $try{fileno $socket} =
        {number => $number, token => $token, socket => $socket, got => '', until => time + $patience + 1};
    connect($socket, $at->{addr}) || $! == EINPROGRESS ? $connecting->add($socket) : failed($socket, $!);
}

sub finish {
    my ($socket, $words) = @_;
    my $try = delete $try{fileno $socket};
    $_->remove($socket) for $connecting, $reading;
    close $socket;
    print "$try->{number} $words\n";
}

sub failed {
    my ($socket, $error) = @_;
    finish($socket, $error == ECONNREFUSED ? 'refused' : "filtered $error");
}

sub connected {
    my ($socket) = @_;
    local $! = unpack 'i', getsockopt($socket, SOL_SOCKET, SO_ERROR);
    return failed($socket, $!) if $!;
    $connecting->remove($socket);
    $try{fileno $socket}{token} eq '-' ? finish($socket, 'open') : $reading->add($socket);
}

sub answered {
    my ($socket) = @_;
    my $try = $try{fileno $socket};
    my $more = sysread $socket, $try->{got}, 256, length $try->{got};
    return failed($socket, $!) unless defined $more;
    return finish($socket, 'open') if $try->{got} eq "$try->{token}\n";
    my $is_beginning = index("$try->{token}\n", $try->{got}) == 0;
    finish($socket, 'stranger') unless $more && $is_beginning;
}

while (@targets || %try) {
    start(shift @targets) while @targets && keys %try < $most_at_once;
    my ($next) = sort { $a <=> $b } map { $_->{until} } values %try;
    next unless defined $next;
    my $wait = $next - time;
    my ($readable, $writable) = IO::Select->select($reading, $connecting, undef, $wait > 0 ? $wait : 0);
    connected($_) for @{ $writable // [] };
    answered($_) for @{ $readable // [] };
    for my $late (grep { $_->{until} <= time } values %try) {
        my $arrived = $reading->exists($late->{socket});
        finish($late->{socket}, $arrived ? 'stranger' : "filtered no answer within $patience s");
    }
}
