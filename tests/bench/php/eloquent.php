<?php

/**
 * The replaced service as it should have been: sequential, on Eloquent models, two calls a domain on a connection each,
 * one transaction a domain. The framework is Debian's php-laravel-framework. Without APP_KEY in the environment the
 * credentials are those of the arguments, with it those of the registrar's encrypted column.
 */

declare(strict_types=1);

namespace DomainDesk\Bench;

use DomainDesk\Bench\Eloquent\Domain;
use DomainDesk\Bench\Eloquent\SyncService;
use Illuminate\Database\Capsule\Manager;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Encryption\Encrypter;

// Laravel 8 is older than PHP 8.2: it works there, but speaks of much that is deprecated.
error_reporting(E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);

require __DIR__ . '/src/autoload.php';
require 'Illuminate/Database/autoload.php';
require 'Illuminate/Encryption/autoload.php';

$arguments = Arguments::read(array_slice($argv, 1));

$manager = new Manager();
$manager->addConnection($arguments->database);
$manager->bootEloquent();
$connection = $manager->getConnection();
if ($arguments->wal) {
    $connection->statement('PRAGMA journal_mode = WAL');
    $connection->statement('PRAGMA synchronous = NORMAL');
}
$appKey = (string) getenv('APP_KEY');
if ($appKey !== '') {
    Model::encryptUsing(new Encrypter((string) base64_decode(substr($appKey, strlen('base64:'))), 'AES-256-CBC'));
}

$meter = new Meter();
$connection->beforeExecuting(static function () use ($meter): void {
    $meter->sqlStatements++;
});
$service = new SyncService($connection, $arguments, $meter, hasAppKey: $appKey !== '');

$due = Domain::query()->whereNotNull('registrar_id')
    ->orderByRaw('last_synced_at IS NOT NULL')->orderBy('last_synced_at')->orderBy('id')
    ->limit($arguments->limit)->pluck('id');
foreach ($due->chunk(100) as $ids) {
    $domains = Domain::query()->with(['registrar', 'nameservers', 'contacts'])->findMany($ids)->keyBy('id');
    foreach ($ids as $id) {
        if ($domains->has($id)) {
            $service->syncDomain($domains->get($id));
        }
    }
}

echo $meter->report();
