# Rewrites PostgreSQL's unicode_norm_table.h so that its two tables, 75 kB which only a
# password beyond ASCII needs, are packed to 18 kB and unpacked when they are first used.
#
#   perl pack_unicode_norm.pl unicode_norm_table.h
#
# Each column of numbers is a list of differences between one and the next. A difference
# is written as the number 4 * |d| + 2 * (d < 0) + (it occurs more than once in a row),
# followed by how often in that case; a number as 7 bits a byte, the low ones first.
use strict;
use warnings;

my ($name) = @ARGV;
open(my $in, '<', $name) or die "cannot open $name: $!\n";
my $source = do { local $/; <$in> };
my %flags = (DECOMP_NO_COMPOSE => 0x80, DECOMP_INLINE => 0x40, DECOMP_COMPAT => 0x20);
my @columns;

sub number {
    my ($n) = @_;
    my @bytes;
    for (; $n > 127; $n >>= 7) { push @bytes, $n & 127 | 128 }
    return (@bytes, $n);
}

sub pack_column {
    my ($before, @bytes) = (0);
    my @steps = map { my $step = $_ - $before; $before = $_; $step } @_;
    while (@steps) {
        my ($step, $times) = (shift @steps, 1);
        while (@steps && $steps[0] == $step) { shift @steps; $times++ }
        push @bytes, number(4 * abs($step) + 2 * ($step < 0) + ($times > 1));
        push @bytes, number($times) if $times > 1;
    }
    return @bytes;
}

# Takes a table's rows out of the source and leaves its declaration.
sub take_table {
    my ($table) = @_;
    $source =~ s/static const (\w+ $table\[\d+\]) =\n\{\n(.*?)\n\};/static $1;/s or die "$name: no $table\n";
    my $rows = $2;
    $rows =~ s{/\*.*?\*/}{}gs;
    return $rows;
}

sub value {
    my $sum = 0;
    $sum |= $flags{$_} // oct(/^0x/ ? $_ : /^\d+$/ ? sprintf('0x%x', $_) : die "$name: $_?\n") for split / \| /, $_[0];
    return $sum;
}

for my $row (take_table('UnicodeDecompMain') =~ /\{(.*?)\}/g) {
    my @values = map { value($_) } split /, */, $row;
    push @{ $columns[$_] }, $values[$_] for 0 .. 3;
}
my @codepoints = map { hex } take_table('UnicodeDecomp_codepoints') =~ /0x[0-9A-F]+/gi;
my @bytes = map { pack_column(@$_) } @columns, \@codepoints;
my $list = join ',', @bytes;
$list =~ s/(.{90}\d*,)/$1\n/g;

$source .= <<"END";

#include <pthread.h>

static const unsigned char packed_tables[] = {
$list
};

/* The next number, and the next of a column. */
static uint32
unpack_number(const unsigned char **at)
{
	uint32		number = 0;
	int			shift = 0;

	for (; **at > 127; shift += 7)
		number |= (uint32) (*(*at)++ & 127) << shift;
	return number | (uint32) *(*at)++ << shift;
}

typedef struct
{
	uint32		value;
	uint32		step;
	uint32		times;
} packed_column;

static uint32
unpack_next(const unsigned char **at, packed_column *column)
{
	if (column->times == 0)
	{
		uint32		token = unpack_number(at);

		column->step = token & 2 ? -(token >> 2) : token >> 2;
		column->times = token & 1 ? unpack_number(at) : 1;
	}
	column->times--;
	return column->value += column->step;
}

#define UNPACK(table, member) \\
	do { \\
		packed_column column = {0}; \\
		for (size_t i = 0; i < lengthof(table); i++) \\
			table[i]member = unpack_next(&at, &column); \\
	} while (0)

static void
unpack_once(void)
{
	const unsigned char *at = packed_tables;

	UNPACK(UnicodeDecompMain, .codepoint);
	UNPACK(UnicodeDecompMain, .comb_class);
	UNPACK(UnicodeDecompMain, .dec_size_flags);
	UNPACK(UnicodeDecompMain, .dec_index);
	UNPACK(UnicodeDecomp_codepoints, );
}

/* True. For any thread. */
static bool
unpack_tables(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	return pthread_once(&once, unpack_once) == 0;
}
END
open(my $out, '>', $name) or die "cannot write $name: $!\n";
print $out $source;
close($out) or die "cannot write $name: $!\n";
