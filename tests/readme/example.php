<?php

use DomainDesk\Sync\Exception\SyncException;
use DomainDesk\Sync\RegistrarSync;

try {
    $sync = RegistrarSync::fromEnv();
    $sync->setLogger(fn (string $level, string $message, array $context) => error_log("{$level}: {$message}"));
    $report = $sync->syncDomains(progress: function (array $domain, array $result): void {
        echo $domain['name'], ': ', $result['error'] ?? $result['reason'] ?? 'changes: ' . count($result['changes']), "\n";
    });
    foreach ($report['results'] as $name => $result) {
        foreach ($result['changes'] ?? [] as $field => ['old' => $old, 'new' => $new]) {
            echo $name, ': ', $field, ' was ', json_encode($old), ', is ', json_encode($new), "\n";
        }
    }
    $prices = $sync->syncTldPrices('resellerclub');
    echo count($prices['alerts']), " alerts\n";
    echo $report['stats']['changes'], " domains changed\n";
} catch (SyncException $exception) {
    fwrite(STDERR, "{$exception->getKind()}: {$exception->getMessage()}\n");
    exit(1);
}
