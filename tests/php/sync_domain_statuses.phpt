--TEST--
A status batch has the same shape (S3.7)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$told = 0;
$report = sync()->syncDomainStatuses(array_keys(domains(10)), function (array $domain, array $result) use (&$told) { $told++; });
echo $told, ' ', $report['stats']['total'], ' ', $report['stats']['failed'], ' ', count($report['results']), "\n";
--EXPECT--
10 10 0 10
