<?php

declare(strict_types=1);

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

/** The tables that a sync reads and writes, and those that they refer to. */
return new class extends Migration
{
    public function up(): void
    {
        Schema::create('partners', function (Blueprint $table): void {
            $table->id();
            $table->string('name');
            $table->string('email');
            $table->string('slug');
            $table->string('status')->default('active');
            $table->boolean('is_active')->default(true);
            $table->timestamps();
            $table->softDeletes();
        });
        Schema::create('users', function (Blueprint $table): void {
            $table->id();
            $table->string('name');
            $table->string('email');
            $table->string('role')->default('client');
            $table->foreignId('partner_id')->nullable()->constrained()->cascadeOnDelete();
            $table->timestamps();
            $table->softDeletes();
        });
        Schema::create('audit_logs', function (Blueprint $table): void {
            $table->id();
            $table->foreignId('user_id')->nullable()->constrained()->nullOnDelete();
            $table->foreignId('partner_id')->nullable()->constrained()->nullOnDelete();
            $table->string('action');
            $table->string('auditable_type');
            $table->unsignedBigInteger('auditable_id');
            $table->json('old_values')->nullable();
            $table->json('new_values')->nullable();
            $table->string('ip_address', 45)->nullable();
            $table->text('user_agent')->nullable();
            $table->timestamps();
            $table->index(['auditable_type', 'auditable_id']);
        });
        Schema::create('registrars', function (Blueprint $table): void {
            $table->id();
            $table->string('name');
            $table->string('slug')->unique();
            $table->string('api_class')->nullable();
            $table->text('credentials')->nullable();
            $table->boolean('is_active')->default(true);
            $table->boolean('is_default')->default(false);
            $table->timestamp('last_sync_at')->nullable();
            $table->timestamps();
        });
        Schema::create('domains', function (Blueprint $table): void {
            $table->id();
            $table->string('name')->unique();
            $table->foreignId('client_id')->constrained('users')->cascadeOnDelete();
            $table->foreignId('partner_id')->constrained()->cascadeOnDelete();
            $table->foreignId('registrar_id')->nullable()->constrained()->nullOnDelete();
            $table->enum('status', array_column(App\Enums\DomainStatus::cases(), 'value'))->default('pending_registration');
            $table->timestamp('registered_at')->nullable();
            $table->timestamp('expires_at')->nullable();
            $table->boolean('auto_renew')->default(true);
            $table->text('auth_code')->nullable();
            $table->timestamp('transfer_initiated_at')->nullable();
            $table->timestamp('transfer_completed_at')->nullable();
            $table->text('transfer_status_message')->nullable();
            $table->json('transfer_metadata')->nullable();
            $table->timestamps();
            $table->softDeletes();
            $table->index(['client_id', 'status']);
            $table->index(['partner_id', 'status']);
            $table->index(['expires_at', 'status']);
            $table->index('status');
        });
        Schema::create('domain_nameservers', function (Blueprint $table): void {
            $table->id();
            $table->foreignId('domain_id')->constrained()->cascadeOnDelete();
            $table->string('nameserver');
            $table->unsignedTinyInteger('order');
            $table->timestamps();
            $table->unique(['domain_id', 'order']);
        });
        Schema::create('domain_contacts', function (Blueprint $table): void {
            $table->id();
            $table->foreignId('domain_id')->constrained()->cascadeOnDelete();
            $table->enum('type', ['registrant', 'admin', 'tech', 'billing']);
            foreach (['first_name', 'last_name', 'email', 'phone', 'address', 'city', 'postal_code'] as $column) {
                $table->string($column);
            }
            $table->string('organization')->nullable();
            $table->string('state')->nullable();
            $table->string('country', 2);
            $table->timestamps();
            $table->index(['domain_id', 'type']);
        });
        Schema::create('tlds', function (Blueprint $table): void {
            $table->id();
            $table->foreignId('registrar_id')->constrained()->cascadeOnDelete();
            $table->string('extension');
            $table->unsignedTinyInteger('min_years')->default(1);
            $table->unsignedTinyInteger('max_years')->default(10);
            $table->boolean('supports_dns')->default(true);
            $table->boolean('supports_whois_privacy')->default(true);
            $table->boolean('is_active')->default(true);
            $table->timestamps();
            $table->unique(['registrar_id', 'extension']);
        });
        Schema::create('tld_prices', function (Blueprint $table): void {
            $table->id();
            $table->foreignId('tld_id')->constrained()->cascadeOnDelete();
            $table->enum('action', ['register', 'renew', 'transfer']);
            $table->unsignedTinyInteger('years');
            $table->decimal('price', 10, 2);
            $table->date('effective_date');
            $table->timestamps();
            $table->index(['tld_id', 'action', 'years', 'effective_date']);
        });
    }
};
