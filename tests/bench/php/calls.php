<?php

/**
 * What a call costs that asks no registrar, beside one query of Eloquent's, and what it takes to make an array of a large
 * batch's results. Ends with one line of JSON: microseconds a call, seconds a batch, MiB of PHP's memory.
 */

declare(strict_types=1);

namespace DomainDesk\Bench;

use DomainDesk\Bench\Eloquent\Domain;
use DomainDesk\Sync\RegistrarSync;
use Illuminate\Database\Capsule\Manager;

error_reporting(E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);
ini_set('memory_limit', '-1');

require __DIR__ . '/src/autoload.php';
require 'Illuminate/Database/autoload.php';

[, $times] = $argv;
$config = json_decode((string) getenv('DDS_BENCH_CONFIG'), true, flags: JSON_THROW_ON_ERROR);
$sync = new RegistrarSync($config);
$manager = new Manager();
$manager->addConnection($config['database']);
$manager->bootEloquent();
$ids = Domain::query()->orderBy('id')->pluck('id')->all();

/** Microseconds that a call takes, one after the other over all domains. */
$each = static function (callable $call) use ($ids, $times): float {
    $call($ids[0]);
    $start = hrtime(true);
    for ($i = 0; $i < $times; $i++) {
        $call($ids[$i % count($ids)]);
    }

    return (hrtime(true) - $start) / 1e3 / $times;
};
$skip = $each(static function (int $id) use ($sync): void {
    if (!($sync->syncDomain($id)['skipped'] ?? false)) {
        throw new \LogicException("$id was not skipped");
    }
});
$find = $each(static fn (int $id) => Domain::query()->findOrFail($id));
$batch = static function (string $results) use ($sync, $ids): array {
    $start = hrtime(true);
    $report = $sync->syncDomains($ids, options: ['results' => $results]);
    $seconds = (hrtime(true) - $start) / 1e9;

    return [$seconds, count($report['results']), memory_get_usage() / (1 << 20)];
};
$before = memory_get_usage() / (1 << 20);
[$none] = $batch('none');
[$all, $count, $memory] = $batch('all');
echo json_encode([
    'skip_us' => $skip, 'find_us' => $find, 'none_seconds' => $none, 'all_seconds' => $all, 'results' => $count,
    'results_mib' => $memory - $before,
]), "\n";
