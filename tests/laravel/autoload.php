<?php

declare(strict_types=1);

/*
 * What Composer would make of Debian's Laravel, this application and the package: the copy of it in the application's vendor
 * folder is what `vendor/autoload.php` is elsewhere. The runner (tests/rust/tests/laravel.rs) puts it there.
 */

require '/usr/share/php/Illuminate/autoload.php';

(static function (): void {
    $roots = ['App\\' => dirname(__DIR__) . '/app/', 'Tests\\' => getenv('DDS_TESTS') . '/', 'Illuminate\\' => '/usr/share/php/Illuminate/'];
    foreach (json_decode(file_get_contents(__DIR__ . '/composer/installed.json'), true)['packages'] as $package) {
        foreach ($package['autoload']['psr-4'] as $prefix => $folder) {
            $roots[$prefix] = $package['install-path'] . '/' . $folder;
        }
    }
    // The longest prefix first, as Composer does.
    uksort($roots, static fn (string $one, string $other): int => strlen($other) <=> strlen($one));
    spl_autoload_register(static function (string $class) use ($roots): void {
        foreach ($roots as $prefix => $folder) {
            if (str_starts_with($class, $prefix)) {
                $file = $folder . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
                if (is_file($file)) {
                    require $file;

                    return;
                }
            }
        }
    });
})();

require '/usr/share/php/Illuminate/Foundation/helpers.php';
