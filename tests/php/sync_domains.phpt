--TEST--
A batch tells of every domain once, in this thread, and adds up (S8.2, S8.3)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$domains = domains(30);
$told = [];
$report = sync()->syncDomains(array_values($domains), false, function (array $domain, array $result) use (&$told) {
    $told[] = $domain['name'];
    if (count($told) === 1) {
        echo implode(' ', array_keys($domain)), ' ', gettype($domain['id']), ' ', gettype($domain['partner_id']), ' ', $domain['registrar'], "\n";
        echo yes($result['domain'] === $domain['name']), "\n";
    }
});
sort($told);
$names = array_keys($domains);
sort($names);
echo yes($told === $names), "\n", implode(' ', array_keys($report)), "\n", implode(' ', array_keys($report['stats'])), "\n";
$stats = $report['stats'];
echo yes($stats['total'] === 30 && 30 === $stats['synced'] + $stats['failed'] + $stats['skipped'] + $stats['held']), ' ', $stats['failed'], "\n";
$results = array_keys($report['results']);
sort($results);
echo yes($results === $names), ' ', json_encode([$report['cancelled'], $report['dry_run']]), ' ', key($report['plan']), "\n";
--EXPECT--
id name partner_id registrar integer integer resellerclub
yes
yes
stats results cancelled timed_out left dry_run plan registrars
total synced failed skipped changes held api_calls duration_ms
yes 0
yes [false,false] resellerclub
