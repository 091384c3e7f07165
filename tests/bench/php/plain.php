<?php

/**
 * The best honest peer without a framework: one kept connection, one call a domain, prepared statements, reads by the
 * five hundred, `--batch=N` domains a transaction. It compares and writes what S3 and S4 ask for; it does not retry,
 * limit its rate or look for local changes meanwhile, which costs it nothing here and the engine something.
 */

declare(strict_types=1);

namespace DomainDesk\Bench;

require __DIR__ . '/src/autoload.php';

$arguments = Arguments::read(array_slice($argv, 1), withBatch: true);
$store = new PlainStore($arguments->database, $arguments->wal);
$meter = new Meter();
$store->meter = $meter;
$api = new ResellerClub($arguments->url, $arguments->authUserid, $arguments->apiKey, $meter, keepAlive: true);

foreach (array_chunk($store->dueIds($arguments->limit), 500) as $ids) {
    foreach (array_chunk($store->load($ids), $arguments->batch) as $domains) {
        $answers = [];
        foreach ($domains as $domain) {
            try {
                $details = $api->detailsByName($domain['name']);
                $answers[] = RemoteDomain::read($details, $domain['status'], time());
            } catch (RegistrarError $error) {
                $answers[] = $error;
            }
        }
        // The answers are all there before the transaction starts: nobody waits for the network with the file locked.
        $store->begin();
        foreach ($domains as $index => $domain) {
            $answer = $answers[$index];
            $meter->domains++;
            if ($answer instanceof RegistrarError) {
                $store->writeFailure($domain, $answer);
                $meter->failed++;
            } elseif ($store->write($domain, $answer) > 0) {
                $meter->changed++;
            }
        }
        $store->commit();
    }
}

echo $meter->report();
