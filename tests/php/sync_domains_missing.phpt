--TEST--
A domain of a batch that is not there is a failed result
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$report = sync()->syncDomains([key(domains(1)), 'not-there.example', 987654321]);
echo $report['stats']['synced'], ' ', $report['stats']['failed'], ' ', $report['results']['not-there.example']['error_code'], ' ', $report['results'][987654321]['error_code'], "\n";
--EXPECT--
1 2 not_found not_found
