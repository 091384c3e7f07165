--TEST--
What a callback throws comes out unchanged, and what was told is written (S6.8)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
class Own extends DomainException {}
$own = new Own('from the callback', 7);
$calls = 0;
$caught = thrown(function () use ($own, &$calls) {
    sync()->syncDomains(array_keys(domains(50)), true, function () use ($own, &$calls) {
        $calls++;
        throw $own;
    });
});
echo yes($caught === $own), ' ', $caught->getCode(), ' ', $calls, ' ', json_encode($caught->getPrevious()), "\n";
echo yes(value('SELECT count(*) FROM domains WHERE last_synced_at IS NOT NULL') >= 1), "\n";
--EXPECT--
yes 7 1 null
yes
