#!/usr/bin/perl
# few.pl MOST_FILES MOST_BYTES LONGEST CONTROL
#
# Of the files that a libFuzzer merge has run (CONTROL is its control file), names so many that
# together reach most within so many bytes, none longer than LONGEST. Greedy: the next file is the
# one that reaches most new for its size.
use strict;
use warnings;

# What a file costs beside its bytes, so that not everything is many tiny files.
my $each = 512;

my ($files_left, $left, $longest, $control) = @ARGV;
open my $in, '<', $control or die "$control: $!\n";
my ($files) = (<$in> // 0) =~ /(\d+)/;
<$in>;
chomp(my @names = map { scalar <$in> } 1 .. $files);
my (@reaches, %reached);
while (<$in>) {
    my ($kind, $file, @features) = split;
    $reaches[$file] = \@features if $kind eq 'FT';
}
my @size = map { -s } @names;
my $worth = sub { scalar(grep { !$reached{$_} } @{ $reaches[$_[0]] }) / ($size[$_[0]] + $each) };
# What a file is worth only falls as others are taken, so an old worth is a bound.
my %worth = map { $_ => $worth->($_) } grep { $reaches[$_] && $size[$_] <= $longest } 0 .. $#names;
my @order = sort { $worth{$b} <=> $worth{$a} || $a <=> $b } keys %worth;
while (defined(my $file = shift @order)) {
    my $now = $worth->($file);
    next if $now == 0 || $size[$file] > $left;
    $worth{$file} = $now;
    if (@order && $now < $worth{ $order[0] }) {
        my ($low, $high) = (0, scalar @order);
        while ($low < $high) {
            my $middle = int(($low + $high) / 2);
            if ($worth{ $order[$middle] } > $now) { $low = $middle + 1 } else { $high = $middle }
        }
        splice @order, $low, 0, $file;
        next;
    }
    $left -= $size[$file];
    $reached{$_} = 1 for @{ $reaches[$file] };
    print "$names[$file]\n";
    last if --$files_left == 0;
}
