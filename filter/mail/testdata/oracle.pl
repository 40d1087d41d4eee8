# Reads headers with Perl's Email::MIME: as oracle.py does.
use strict;
use warnings;
use Email::MIME;
use Email::Address::XS qw(parse_email_addresses);
use JSON::PP;

$| = 1;
my $json = JSON::PP->new->ascii->canonical;
while (my $name = <STDIN>) {
    chomp $name;
    my %out = (file => $name);
    eval {
        open my $f, '<:raw', $name or die $!;
        local $/;
        local $SIG{__WARN__} = sub { };
        my $message = Email::MIME->new(scalar <$f>);
        my $subject = $message->header_str('Subject');
        my $from = $message->header_str('From');
        $out{subject} = defined $subject ? $subject : '';
        my @list = defined $from ? Email::Address::XS->parse($from) : ();
        $out{from} = [map { defined $_->address ? $_->address : '' } @list];
        $out{names} = [map { defined $_->phrase ? $_->phrase : '' } @list];
        1;
    } or $out{error} = 'died';
    print $json->encode(\%out), "\n";
}
