<?php

declare(strict_types=1);

$application = new Illuminate\Foundation\Application(dirname(__DIR__));
$application->singleton(Illuminate\Contracts\Console\Kernel::class, App\Console\Kernel::class);
$application->singleton(Illuminate\Contracts\Http\Kernel::class, Illuminate\Foundation\Http\Kernel::class);
$application->singleton(Illuminate\Contracts\Debug\ExceptionHandler::class, Illuminate\Foundation\Exceptions\Handler::class);

return $application;
