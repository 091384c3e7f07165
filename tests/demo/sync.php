<?php

// What an application's `domain:sync` and `tld:sync-prices` commands do: php sync.php domains|prices|stats

declare(strict_types=1);

use DomainDesk\Sync\Exception\SyncException;
use DomainDesk\Sync\RegistrarSync;

require __DIR__ . '/Console.php';

/** How many rows a table shows. */
const SHOWN = 15;

/** A changed value as a person reads it. */
function shown(mixed $value, mixed $other = null): string
{
    if (!is_array($value)) {
        return $value === null || $value === '' ? '(none)' : (string) $value;
    }
    if (array_is_list($value)) {
        return implode(' ', $value);
    }
    // A contact: only the columns that differ.
    $differs = static fn (mixed $text, string $column) => !is_array($other) || $text !== ($other[$column] ?? null);
    $differ = array_filter($value, $differs, ARRAY_FILTER_USE_BOTH);
    return implode(', ', array_map(static fn ($text) => $text ?? '(none)', $differ));
}

/** @param array<string, int> $stats */
function statistics(Console $console, array $stats): void
{
    $time = $stats['duration_ms'] / 1000;
    unset($stats['duration_ms']);
    $rows = [];
    foreach ($stats as $name => $number) {
        $text = number_format($number);
        $cell = $name === 'failed' && $number > 0 ? $console->paint('red', $text) : $text;
        $rows[] = [ucfirst(str_replace('api_calls', 'requests', $name)), $cell];
    }
    $rows[] = ['Seconds', number_format($time, 2)];
    $console->line();
    $console->table(['Statistics', ''], $rows, [1]);
}

function more(Console $console, int $all): void
{
    if ($all > SHOWN) {
        $console->line($console->paint('dim', sprintf('  … and %d more', $all - SHOWN)));
    }
}

function domains(RegistrarSync $sync, Console $console, PDO $database): int
{
    $before = (int) $database->query('SELECT COALESCE(MAX(id), 0) FROM audit_logs')->fetchColumn();
    $limit = (int) $database->query('SELECT COUNT(*) FROM domains')->fetchColumn();
    $total = count($sync->getDomainsNeedingSync($limit));
    $console->title("Syncing {$total} domains");
    $done = 0;
    $report = $sync->syncDomains(
        progress: function (array $domain, array $result) use ($console, $total, &$done): void {
            $console->progress(++$done, $total, $domain['name']);
        },
        options: ['limit' => $limit],
    );
    statistics($console, $report['stats']);
    foreach ($report['plan'] as $slug => $plan) {
        $console->line();
        $asked = "Requests to {$slug} for {$report['registrars'][$slug]['synced']} domains: {$plan['calls']}";
        $console->line('  ' . $console->paint('cyan', $asked) . " (method: {$plan['method']})");
        $console->line($console->paint('dim', "  {$plan['reason']}"));
    }

    $changes = $notes = [];
    foreach ($report['results'] as $name => $result) {
        foreach ($result['changes'] ?? [] as $field => $change) {
            ['old' => $old, 'new' => $new] = $change;
            $changes[] = [$name, $field, Console::cut(shown($old, $new), 34), '→', Console::cut(shown($new, $old), 34)];
        }
        foreach ([$result['error'] ?? null, ...$result['warnings']] as $note) {
            if ($note !== null) {
                $notes[] = [$name, Console::cut($note, 100)];
            }
        }
    }
    if ($changes !== []) {
        $console->title('Changes found: ' . count($changes));
        $console->table(['Domain', 'Field', 'Old', '', 'New'], array_slice($changes, 0, SHOWN));
        more($console, count($changes));
    }
    if ($notes !== []) {
        $console->title('Remarks: ' . count($notes));
        $console->table(['Domain', 'Remark'], array_slice($notes, 0, SHOWN));
        more($console, count($notes));
    }
    audit($console, $database, $before);
    return $report['stats']['failed'] > 0 ? 1 : 0;
}

function audit(Console $console, PDO $database, int $before): void
{
    $query = $database->prepare(
        'SELECT audit_logs.id, domains.name, partners.name AS partner, old_values, new_values FROM audit_logs
           JOIN domains ON domains.id = auditable_id JOIN partners ON partners.id = audit_logs.partner_id
          WHERE audit_logs.id > ? AND action = \'sync_update\' ORDER BY audit_logs.id',
    );
    $query->execute([$before]);
    $rows = $query->fetchAll(PDO::FETCH_ASSOC);
    $console->title('Rows written to audit_logs: ' . count($rows));
    if ($rows === []) {
        return;
    }
    $cells = static fn (array $row) => [
        (string) $row['id'],
        $row['name'],
        $row['partner'],
        Console::cut((string) $row['old_values'], 40),
        Console::cut((string) $row['new_values'], 40),
    ];
    $console->table(['Id', 'Domain', 'Partner', 'Old values', 'New values'], array_map($cells, array_slice($rows, 0, 5)), [0]);
    if (count($rows) > 5) {
        $console->line($console->paint('dim', sprintf('  … and %d more', count($rows) - 5)));
    }
}

/** Prices of one TLD and action that moved alike stand in one row. */
function prices(RegistrarSync $sync, Console $console): int
{
    $console->title('Syncing the prices of resellerclub');
    $report = $sync->syncTldPrices(
        'resellerclub',
        fn (array $tld) => $console->progress($tld['done'], $tld['total'], '.' . $tld['tld']),
        force: true,
    );
    statistics($console, $report['stats']);
    $table = static function (array $prices, string $colour) use ($console): void {
        $groups = [];
        foreach ($prices as $price) {
            $groups["{$price['tld']} {$price['action']}"][] = $price;
        }
        $rows = $reasons = [];
        foreach ($groups as $group) {
            [$first, $last] = [$group[0], $group[count($group) - 1]];
            $years = $first['years'] === $last['years'] ? "{$first['years']}" : "{$first['years']}–{$last['years']}";
            $percent = $first['percent'] === null ? '' : $console->paint($colour, sprintf('%+.1f %%', (float) $first['percent']));
            $rows[] = ['.' . $first['tld'], $first['action'], $years, $first['old'] ?? '(none)', '→', $first['new'], $percent];
            $reasons[] = $first['reason'] ?? null;
        }
        $console->table(['TLD', 'Action', 'Years', 'Old', '', 'New', 'Change'], array_slice($rows, 0, SHOWN), [3, 5, 6]);
        foreach (array_unique(array_filter($reasons)) as $reason) {
            $console->line($console->paint('dim', '  ' . $reason));
        }
        more($console, count($rows));
    };
    $parts = [
        'changes' => ['Prices changed (shown: the shortest term)', 'green'],
        'alerts' => ['Alerts: above the threshold', 'yellow'],
        'held' => ['Held back: not believed and not stored', 'red'],
    ];
    foreach ($parts as $key => [$what, $colour]) {
        if ($report[$key] !== []) {
            $console->title("{$what}: " . count($report[$key]));
            $table($report[$key], $colour);
        }
    }
    foreach ($report['errors'] as $error) {
        $console->line($console->paint('red', "  .{$error['tld']}: {$error['error']}"));
    }
    return $report['success'] ? 0 : 1;
}

function stats(RegistrarSync $sync, Console $console): int
{
    $console->title('The domains of the database');
    $rows = [];
    $stats = $sync->getStats();
    foreach ($stats['by_status'] as $status => $number) {
        $rows[] = ['status ' . $status, number_format($number)];
    }
    foreach (['total', 'expiring_soon', 'failed', 'needs_review'] as $key) {
        $rows[] = [str_replace('_', ' ', $key), number_format($stats[$key])];
    }
    $console->table(['Domains', ''], $rows, [1]);
    return 0;
}

$console = new Console();
try {
    $config = require __DIR__ . '/config.php';
    $sync = new RegistrarSync($config);
    $database = new PDO('sqlite:' . $config['database']['database']);
    exit(match ($argv[1] ?? '') {
        'domains' => domains($sync, $console, $database),
        'prices' => prices($sync, $console),
        'stats' => stats($sync, $console),
        default => throw new InvalidArgumentException('php sync.php domains|prices|stats'),
    });
} catch (SyncException $exception) {
    fwrite(STDERR, $console->paint('red', $exception->getKind()) . ': ' . $exception->getMessage() . "\n");
    exit(1);
}
