--TEST--
A domain that the application does not have is not found, by name and by id
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
foreach (['not-there.example', 987654321] as $domain) {
    $thrown = thrown(fn () => sync()->syncDomain($domain));
    echo get_class($thrown), ' ', $thrown->getKind(), ' ', yes(str_contains($thrown->getMessage(), (string) $domain)), "\n";
}
echo get_class(thrown(fn () => sync()->clearReview('not-there.example'))), "\n";
echo get_class(thrown(fn () => sync()->syncTldPrices('nobody'))), ' ', thrown(fn () => sync()->syncTldPrices('nobody'))->getKind(), "\n";
--EXPECT--
DomainDesk\Sync\Exception\DomainNotFoundException not_found yes
DomainDesk\Sync\Exception\DomainNotFoundException not_found yes
DomainDesk\Sync\Exception\DomainNotFoundException
DomainDesk\Sync\Exception\RegistrarException not_found
