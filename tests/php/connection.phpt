--TEST--
Over the application's own connection a sync sees and joins its transaction, and works in memory
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
use DomainDesk\Sync\RegistrarSync;
// In an open transaction: what it has changed is seen, and what the sync writes goes with it.
$pdo = pdo();
$name = key(domains(1));
$sync = new RegistrarSync(config(), $pdo);
$pdo->beginTransaction();
$pdo->exec("UPDATE domains SET expires_at = '2031-02-03 00:00:00' WHERE name = '$name'");
$result = $sync->syncDomain($name);
echo implode(',', array_keys($result['changes'])), ' ', $result['changes']['expires_at']['old'], ' ', yes($pdo->inTransaction()), "\n";
echo $pdo->query("SELECT count(*) FROM audit_logs")->fetchColumn(), ' ', value('SELECT count(*) FROM audit_logs'), "\n";
$pdo->rollBack();
echo value("SELECT count(*) FROM domains WHERE last_synced_at IS NOT NULL"), ' ', value('SELECT count(*) FROM audit_logs'), "\n";
// Without one it makes its own, and callbacks may use the connection.
$seen = 0;
$report = $sync->syncDomains(array_keys(domains(40)), progress: function (array $domain) use ($pdo, &$seen) {
    $pdo->beginTransaction();
    $seen += (int) $pdo->query("SELECT last_synced_at IS NOT NULL FROM domains WHERE id = {$domain['id']}")->fetchColumn();
    $pdo->commit();
});
echo $report['stats']['synced'], ' ', $seen, ' ', value("SELECT count(*) FROM domains WHERE last_synced_at IS NOT NULL"), "\n";
// In memory.
$memory = new PDO('sqlite::memory:');
foreach (pdo()->query("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type = 'table' DESC, rowid") as $row) {
    $memory->exec($row['sql']);
}
$memory->exec("ATTACH '" . database() . "' AS file");
foreach ($memory->query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")->fetchAll(PDO::FETCH_COLUMN) as $table) {
    $memory->exec("INSERT INTO main.$table SELECT * FROM file.$table");
}
$memory->exec('DETACH file');
$in = new RegistrarSync(config(['database' => ['driver' => 'sqlite', 'database' => ':memory:']]), $memory);
$memory->exec("UPDATE domains SET status = 'suspended' WHERE name = '$name'");
echo implode(',', array_keys($in->syncDomain($name, true)['changes'])), ' ', $in->getStats()['total'], ' ', count($in->getDomainsNeedingSync(5)), ' ', json_encode($in->explain($name)['domain'] ?? null) === json_encode($name) ? 'explained' : 'not explained', "\n";
$prices = $in->syncTldPrices('resellerclub', force: true);
echo $prices['stats']['failed'], ' ', yes($prices['stats']['synced'] > 0), ' ', yes($memory->query('SELECT count(*) FROM tld_prices')->fetchColumn() > 0), "\n";
// A constraint that refuses one domain does not cost the others.
$memory->exec("CREATE TRIGGER no BEFORE INSERT ON audit_logs WHEN NEW.auditable_id = (SELECT id FROM domains WHERE name = '$name') BEGIN SELECT RAISE(ABORT, 'refused'); END");
$memory->exec("UPDATE domains SET status = 'suspended'");
$names = array_keys(domains(5));
$report = $in->syncDomains($names, true, options: ['allow_mass_change' => true]);
echo $report['stats']['failed'], ' ', $report['results'][$name]['error_code'], ' ', $memory->query("SELECT count(*) FROM domains WHERE status = 'suspended' AND name IN ('" . implode("','", $names) . "')")->fetchColumn(), ' ', yes($memory->inTransaction()), "\n";
// An exception in a callback comes out, and leaves nothing open.
echo said(fn () => $in->syncDomains($names, true, fn () => throw new LogicException('enough'))), ' ', yes($memory->inTransaction()), "\n";
echo said(fn () => new RegistrarSync(config(), new stdClass())), "\n", said(fn () => new RegistrarSync(config(), new PDO('sqlite::memory:'))), "\n";
--EXPECT--
expires_at 2031-02-03 yes
1 0
0 0
40 40 40
status 200 5 explained
0 yes yes
1 store 1 NO
LogicException: enough NO
TypeError: DomainDesk\Sync\RegistrarSync::__construct(): Argument $connection must be of type ?PDO, Object given
DomainDesk\Sync\Exception\StoreException: this is not a DomainDesk database: table `domains` is missing
