<?php

/**
 * The engine from PHP: one call for the whole batch, as the application's nightly command makes it. With `--callback` it
 * is told of every domain and counts them.
 */

declare(strict_types=1);

namespace DomainDesk\Bench;

use DomainDesk\Sync\RegistrarSync;

require __DIR__ . '/src/autoload.php';

$words = array_slice($argv, 1);
$withCallback = in_array('--callback', $words, true);
$arguments = Arguments::read(array_values(array_diff($words, ['--callback'])));

$meter = new Meter();
$sync = new RegistrarSync([
    'database' => $arguments->database,
    'registrar' => ['registrars' => ['resellerclub' => ['api_url' => $arguments->url . '/', 'rate_limit' => null]]],
    'app_key' => (string) getenv('APP_KEY'),
]);
$told = 0;
$report = $sync->syncDomains(
    progress: $withCallback ? static function (array $domain, array $result) use (&$told): void {
        $told += $result['success'] ? 1 : 0;
    } : null,
    options: ['limit' => $arguments->limit, 'concurrency' => 64, 'source' => 'scheduled', 'results' => 'none'],
);
$stats = $report['stats'];
$meter->domains = $stats['total'];
$meter->changed = $stats['changes'];
$meter->failed = $stats['failed'] + $stats['held'] + $stats['skipped'];
$meter->httpRequests = $stats['api_calls'];
if ($withCallback && $told !== $stats['synced'] + $stats['skipped']) {
    fwrite(STDERR, "told of $told domains, not of {$stats['synced']}\n");
    exit(1);
}

echo $meter->report();
