--TEST--
Numbers that arrive as texts are read, and unknown keys are passed over
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$sync = sync(['domain' => ['sync_batch_size' => '7', 'sync_retries' => '2', 'markup' => [1, 2]], 'something' => new ArrayObject()] );
echo count($sync->syncDomains(null, false, null, ['dry_run' => true])['results']), "\n";
--EXPECT--
7
