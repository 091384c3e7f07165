<?php

// Syncs one database twice, over PDO in a transaction that is rolled back and over the engine's own connection, and tells
// whether both left the same. The runner (tests/rust/tests/php_connection.rs) gives the configuration and PDO's arguments.

declare(strict_types=1);

use DomainDesk\Sync\RegistrarSync;

[$config, $connection, $statements] = json_decode(stream_get_contents(STDIN), true, flags: JSON_THROW_ON_ERROR);
$pdo = new PDO(...$connection, options: [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_EMULATE_PREPARES => false]);
foreach ($statements as $statement) {
    $pdo->exec($statement);
}

/** Everything that a sync writes, but for when and under which id. */
function everything(PDO $pdo): array
{
    $all = [];
    foreach (['domains' => 'id', 'domain_nameservers' => 'domain_id', 'domain_contacts' => 'domain_id', 'audit_logs' => 'auditable_id', 'tld_prices' => 'tld_id'] as $table => $key) {
        $rows = $pdo->query("SELECT * FROM $table ORDER BY $key, id")->fetchAll(PDO::FETCH_ASSOC);
        foreach ($rows as $row) {
            $row = array_diff_key($row, ['id' => 1, 'created_at' => 1, 'updated_at' => 1, 'last_synced_at' => 1]);
            $row['sync_metadata'] = preg_replace('/"\d{4}-\d\d-\d\dT[^"]*"/', '"when"', $row['sync_metadata'] ?? '');
            $all[$table][] = json_encode($row);
        }
    }
    return $all;
}

/** What a report says, but for times and what a domain was in step with before. */
function told(array $report): array
{
    ksort($report['results']);
    $told = array_map(fn (array $result) => array_intersect_key($result, ['success' => 1, 'changes' => 1, 'error_code' => 1, 'reason' => 1]), $report['results']);
    return [array_diff_key($report['stats'], ['duration_ms' => 1, 'api_calls' => 1]), $told];
}

function sync(RegistrarSync $sync): array
{
    $ids = $sync->getDomainsNeedingSync(1000);
    $report = told($sync->syncDomains($ids, options: ['allow_mass_change' => true]));
    $again = told($sync->syncDomains($ids, true, options: ['allow_mass_change' => true]));
    $prices = array_diff_key($sync->syncTldPrices('resellerclub', force: true)['stats'], ['duration_ms' => 1]);
    $stats = array_diff_key($sync->getStats(), ['last_sync' => 1]);
    return [$ids, $report, $again, $prices, $stats['total'], array_column($sync->getDomainsNeedingReview(), 'reason', 'id'), $sync->getExpiringDomains(90)];
}

/** Where two values differ first. */
function difference(mixed $one, mixed $other, string $path = ''): ?string
{
    if (!is_array($one) || !is_array($other)) {
        return $one === $other ? null : "$path: " . json_encode($one) . ' and ' . json_encode($other);
    }
    foreach (array_keys($one + $other) as $key) {
        $found = difference($one[$key] ?? null, $other[$key] ?? null, "$path/$key");
        if ($found !== null) {
            return $found;
        }
    }
    return null;
}

$before = everything($pdo);
$over = new RegistrarSync($config, $pdo);
$pdo->beginTransaction();
$first = sync($over);
$after = everything($pdo);
$pdo->rollBack();
echo 'rolled back: ', difference($before, everything($pdo)) ?? 'all of it', "\n";
$own = sync(new RegistrarSync($config));
echo 'told: ', difference($first, $own) ?? 'the same', "\n";
echo 'written: ', difference($after, everything($pdo)) ?? 'the same', "\n";
echo 'changed: ', difference($before, $after) === null ? 'nothing' : 'something', "\n";
