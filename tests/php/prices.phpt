--TEST--
Prices are synced, told TLD by TLD, and the report has its shape (S5)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
pdo()->exec("UPDATE tld_prices SET price = price * 1.05 WHERE id = (SELECT min(id) FROM tld_prices)");
$told = [];
$report = sync()->syncTldPrices('resellerclub', function (array $tld) use (&$told) { $told[] = $tld['tld']; }, true);
echo implode(' ', array_keys($report)), "\n", implode(' ', array_keys($report['stats'])), "\n";
echo json_encode($report['success']), ' ', yes(count($told) === $report['stats']['total'] && count(array_unique($told)) === count($told)), ' ', count($report['changes']), "\n";
$change = $report['changes'][0];
echo implode(' ', array_keys($change)), ' ', gettype($change['new']), ' ', $change['percent'], "\n";
$own = new LogicException('from the callback');
echo yes(thrown(fn () => sync()->syncTldPrices((int) value('SELECT id FROM registrars'), fn () => throw $own, true)) === $own), "\n";
echo json_encode(sync()->syncTldPrices('resellerclub', fn () => false, true)['cancelled']), "\n";
--EXPECTF--
registrar success stats currency changes alerts held errors warnings cancelled dry_run
total synced failed skipped changes alerts held api_calls duration_ms
true yes 1
tld action years old new percent string -4.7%d
yes
true
