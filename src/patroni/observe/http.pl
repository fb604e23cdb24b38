# Asks servers over HTTP, all at once, and prints a section for each answer.
#   input: a line a request: the section, address, port, method, path, and a body where there is one
#   first argument, where there is one: for how many seconds an answer is waited for
#
# The section holds the status and then the body; or "refused" where nobody listens; or "unseen" and why.
use strict;
use warnings;
use Errno qw(ECONNREFUSED);
use IO::Handle;
use Socket qw(:addrinfo SOCK_STREAM);

my $patience = $ARGV[0] // 5;    # seconds
my $longest  = 4 << 20;          # bytes of an answer

sub request {
    my ($host, $port, $method, $path, $body) = @_;
    # It ends this process as it is, also in the middle of asking for a name, which no handler of Perl's interrupts.
    alarm $patience;
    # An IPv6 address may stand in brackets, as in a URL.
    $host =~ s/^\[(.*)\]$/$1/;
    my ($error, $at) = getaddrinfo($host, $port, {socktype => SOCK_STREAM});
    die "unseen its name cannot be resolved there: $error\n" if $error;
    socket(my $socket, $at->{family}, SOCK_STREAM, 0) or die "unseen $!\n";
    connect($socket, $at->{addr}) or die $! == ECONNREFUSED ? "refused\n" : "unseen $!\n";
    $socket->autoflush(1);
    $host = "[$host]" if $host =~ /:/;
    my $length = length $body;
    print $socket "$method $path HTTP/1.0\r\nHost: $host:$port\r\nConnection: close\r\n"
      . "Content-Type: application/json\r\nContent-Length: $length\r\n\r\n$body";
    my $answer = '';
    while (my $more = sysread $socket, $answer, 65536, length $answer) {
        die "unseen the answer is longer than $longest bytes\n" if length $answer > $longest;
    }
    my ($head, $text) = split /\r?\n\r?\n/, $answer, 2;
    my ($status) = ($head // '') =~ m{^HTTP/1\.\d (\d{3})} or die "unseen what answers there speaks no HTTP\n";
    my ($told) = $head =~ m{^content-length: *(\d+)}im;
    die "unseen the answer breaks off\n" if defined $told && $told != length $text;
    return "$status\n$text";
}

my @running;
while (my $line = <STDIN>) {
    chomp $line;
    my ($section, $host, $port, $method, $path, $body) = split / /, $line, 6;
    pipe(my $answers, my $own) or die "$!\n";
    defined(my $child = fork) or die "$!\n";
    if (!$child) {
        close $answers;
        local $SIG{ALRM} = 'DEFAULT';
        my $answer = eval { request($host, $port, $method, $path, $body // '') };
        print $own $answer // $@;
        close $own;
        exit;
    }
    close $own;
    push @running, [$section, $answers];
}
for (@running) {
    my ($section, $answers) = @$_;
    my @lines = <$answers>;
    @lines = ("unseen no answer within $patience s") if !@lines;
    print "\n\@$section\n", map { s/[\r\n]+$//r =~ s/^/|/r . "\n" } @lines;
}
