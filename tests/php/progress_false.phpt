--TEST--
A callback that answers false ends the batch in good order, and is not called again (S6.8)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$calls = 0;
$report = sync()->syncDomains(array_keys(domains(200)), true, function () use (&$calls) { return ++$calls < 3; });
echo $calls, ' ', json_encode($report['cancelled']), ' ', yes(count($report['results']) >= 3), "\n";
echo yes(value('SELECT count(*) FROM domains WHERE last_synced_at IS NOT NULL') == $report['stats']['synced']), "\n";
--EXPECT--
3 true yes
yes
