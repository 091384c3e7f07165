--TEST--
A child that was forked after the first use is refused, ends without waiting, and leaves the parent alone
--EXTENSIONS--
pcntl
posix
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$names = array_keys(domains(3));
$sync = sync();
$sync->syncDomain($names[0]);
[$ended, $took] = in_child(function () use ($sync, $names) {
    foreach ([fn () => $sync->syncDomain($names[1]), fn () => sync(), fn () => $sync->getStats()] as $call) {
        $thrown = thrown($call);
        if (!$thrown instanceof DomainDesk\Sync\Exception\ForkedAfterUseException || $thrown->getKind() !== 'internal') {
            exit(1);
        }
    }
    exit(7);
});
echo $ended, ' ', yes($took < 2), "\n";
echo json_encode([$sync->syncDomain($names[1])['success'], sync()->syncDomain($names[2])['success']]), "\n";
--EXPECT--
exit 7 yes
[true,true]
