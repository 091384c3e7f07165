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
    $differ = array_filter($value, static fn ($text, $column) => !is_array($other) || $text !== ($other[$column] ?? null), ARRAY_FILTER_USE_BOTH);
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
        $rows[] = [ucfirst(str_replace(['api_calls', '_'], ['requests', ' '], $name)), $name === 'failed' && $number > 0 ? $console->paint('red', $text) : $text];
    }
    $rows[] = ['Seconds', number_format($time, 2)];
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
        $console->line($console->paint('dim', "\n  {$slug} was asked by {$plan['method']} ({$plan['reason']})"));
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
        $console->title(count($changes) . ' changes found');
        $console->table(['Domain', 'Field', 'Old', '', 'New'], array_slice($changes, 0, SHOWN));
        more($console, count($changes));
    }
    if ($notes !== []) {
        $console->title(count($notes) . ' domains that somebody should know of');
        $console->table(['Domain', ''], array_slice($notes, 0, SHOWN));
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
    $console->title(count($rows) . ' rows written to audit_logs');
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
        $rows = [];
        foreach ($groups as $group) {
            [$first, $last] = [$group[0], $group[count($group) - 1]];
            $years = $first['years'] === $last['years'] ? "{$first['years']}" : "{$first['years']}–{$last['years']}";
            $percent = $first['percent'] === null ? '' : $console->paint($colour, sprintf('%+.1f %%', (float) $first['percent']));
            $rows[] = ['.' . $first['tld'], $first['action'], $years, $first['old'] ?? '(none)', '→', $first['new'], $percent, $first['reason'] ?? ''];
        }
        $console->table(['TLD', 'Action', 'Years', 'Old', '', 'New', 'Change', ''], array_slice($rows, 0, SHOWN), [3, 5, 6]);
        more($console, count($rows));
    };
    foreach (['changes' => ['prices changed (the first of the years is shown)', 'green'], 'alerts' => ['of them by more than the threshold', 'yellow'], 'held' => ['prices not believed and not stored', 'red']] as $key => [$what, $colour]) {
        if ($report[$key] !== []) {
            $console->title(count($report[$key]) . ' ' . $what);
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
