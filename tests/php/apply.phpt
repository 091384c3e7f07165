--TEST--
What a dry run returned is applied later, shown as a table, and refused where the domain changed since (S2.4, S8.4)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
use DomainDesk\Sync\RegistrarSync;
[$first, $second] = array_keys(domains(2));
$ids = array_values(domains(20));
pdo()->exec("UPDATE domains SET expires_at = '2031-02-03 00:00:00' WHERE name IN ('$first', '$second')");
$sync = sync();
$before = md5_file(database());
$report = $sync->syncDomains($ids, options: ['dry_run' => true]);
echo $report['stats']['changes'], ' ', $report['kept_plan']['exit_code'], ' ', yes(md5_file(database()) === $before), "\n";
$table = RegistrarSync::describe($report);
echo yes(str_contains($table, $first) && str_contains($table, '2031-02-03') && str_contains($table, '2 to change, 0 held back, 0 failed, 18 unchanged.')), "\n";
// It may be stored meanwhile.
$kept = json_decode(json_encode($report), true);
pdo()->exec("UPDATE domains SET expires_at = '2032-02-03 00:00:00' WHERE name = '$second'");
$told = [];
$applied = $sync->apply($kept, function (array $domain, array $result) use (&$told) { $told[$domain['name']] = $result; });
echo $applied['stats']['synced'], ' ', $applied['stats']['changes'], ' ', $applied['stats']['api_calls'], ' ', count($told), "\n";
echo $applied['results'][$second]['reason'], ' ', implode(' ', array_keys($applied['results'][$first]['changes'])), "\n";
echo yes(!str_starts_with(value("SELECT expires_at FROM domains WHERE name = '$first'"), '2031')), ' ', value("SELECT count(*) FROM audit_logs"), "\n";
echo json_encode($sync->apply($kept['kept_plan'], options: ['results' => 'none'])['stats']['skipped']), "\n";
foreach ([[], ['stats' => []], ['version' => 9], $applied] as $wrong) {
    echo said(fn () => $sync->apply($wrong)), "\n";
}
echo said(fn () => $sync->apply($kept, options: ['dryrun' => true])), "\n";
--EXPECTF--
2 2 yes
yes
19 1 0 20
Changed since the plan was made expires_at
yes 1
20
DomainDesk\Sync\Exception\ConfigException: config `plan`: expected what a dry run of many domains returned
DomainDesk\Sync\Exception\ConfigException: config `plan`: expected what a dry run of many domains returned
DomainDesk\Sync\Exception\ConfigException: config `plan`: it is of version 9, and this library reads version 1
DomainDesk\Sync\Exception\ConfigException: config `plan`: expected what a dry run of many domains returned
DomainDesk\Sync\Exception\ConfigException: config `options.dryrun`: %s
