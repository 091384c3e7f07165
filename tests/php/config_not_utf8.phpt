--TEST--
A text that is not valid UTF-8 is named by its key
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
echo said(fn () => sync(['timezone' => "\xff"])), "\n";
echo said(fn () => sync(['registrar' => ['registrars' => ['resellerclub' => ['api_url' => "http://\xe4"]]]])), "\n";
echo said(fn () => sync(['domain' => ["\xff" => 1]])), "\n";
echo said(fn () => sync()->syncDomain("b\xfccher.example")), "\n";
echo said(fn () => sync()->syncDomains(['a.example', "\xff.example"])), "\n";
echo said(fn () => sync()->syncDomain(1, false, ['source' => "\xff"])), "\n";
echo said(fn () => sync()->syncTldPrices("\xff")), "\n";
--EXPECT--
ValueError: DomainDesk\Sync\RegistrarSync::__construct(): Argument $config `timezone` is not valid UTF-8
ValueError: DomainDesk\Sync\RegistrarSync::__construct(): Argument $config `registrar.registrars.resellerclub.api_url` is not valid UTF-8
ValueError: DomainDesk\Sync\RegistrarSync::__construct(): Argument $config a key of `domain` is not valid UTF-8
ValueError: DomainDesk\Sync\RegistrarSync::syncDomain(): Argument $domain is not valid UTF-8
ValueError: DomainDesk\Sync\RegistrarSync::syncDomains(): Argument $domains[1] is not valid UTF-8
ValueError: DomainDesk\Sync\RegistrarSync::syncDomain(): Argument $options `source` is not valid UTF-8
ValueError: DomainDesk\Sync\RegistrarSync::syncTldPrices(): Argument $registrar is not valid UTF-8
