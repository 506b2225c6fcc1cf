"""The SQL of the published pattern card, block by block and word for word: Apache License 2.0, by its authors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """A block of SQL as it stands on the card."""

    heading: str
    """What stands above it."""
    sql: str


CARD = (
    Block(
        "Use appropriate data types",
        """
-- WRONG - string as number
CREATE TABLE users (id VARCHAR(50));

-- RIGHT
CREATE TABLE users (id SERIAL PRIMARY KEY);

-- WRONG - string as date
CREATE TABLE events (created_at VARCHAR(20));

-- RIGHT
CREATE TABLE events (created_at TIMESTAMP DEFAULT NOW());
""",
    ),
    Block(
        "Add indexes on foreign keys and query filters",
        """
CREATE INDEX idx_users_email ON users(email);
CREATE INDEX idx_orders_user_id ON orders(user_id);
CREATE INDEX idx_posts_created ON posts(created_at DESC);
""",
    ),
    Block(
        "Use parameterized queries",
        """
-- WRONG - SQL injection risk
SELECT * FROM users WHERE id = '{user_input}'

-- RIGHT
SELECT * FROM users WHERE id = $1
""",
    ),
    Block(
        "Use UUIDs for public IDs, ints for internal",
        """
CREATE TABLE users (
    id SERIAL PRIMARY KEY,  -- Internal, fast
    public_id UUID DEFAULT gen_random_uuid(),  -- Public
    email VARCHAR(255) NOT NULL
);
""",
    ),
    Block(
        "Set NOT NULL and DEFAULT",
        """
CREATE TABLE posts (
    id SERIAL PRIMARY KEY,
    title VARCHAR(255) NOT NULL,
    status VARCHAR(20) DEFAULT 'draft',
    created_at TIMESTAMP DEFAULT NOW()
);
""",
    ),
    Block(
        "Don't use SELECT *",
        """
-- WRONG - fetches all columns
SELECT * FROM users;

-- RIGHT
SELECT id, name, email FROM users;
""",
    ),
    Block(
        "Don't store passwords in plain text",
        """
-- WRONG
INSERT INTO users (email, password) VALUES ('x@x.com', 'password123');

-- RIGHT
INSERT INTO users (email, password_hash)
VALUES ('x@x.com', '$2b$12$...');
""",
    ),
    Block(
        "Don't forget foreign key constraints",
        """
CREATE TABLE orders (
    id SERIAL PRIMARY KEY,
    user_id INTEGER REFERENCES users(id) ON DELETE CASCADE
);
""",
    ),
    Block(
        "Don't use ENUM for mutable data",
        """
-- WRONG - hard to add new statuses
CREATE TYPE status AS ENUM ('draft', 'published');

-- RIGHT - use lookup table
CREATE TABLE statuses (
    id SERIAL PRIMARY KEY,
    name VARCHAR(50) UNIQUE NOT NULL
);
""",
    ),
    Block(
        "Users Table",
        """
CREATE TABLE users (
    id SERIAL PRIMARY KEY,
    public_id UUID DEFAULT gen_random_uuid() UNIQUE,
    email VARCHAR(255) UNIQUE NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    created_at TIMESTAMP DEFAULT NOW(),
    updated_at TIMESTAMP DEFAULT NOW(),
    deleted_at TIMESTAMP  -- Soft delete
);

CREATE INDEX idx_users_email ON users(email);
CREATE INDEX idx_users_public_id ON users(public_id);
""",
    ),
    Block(
        "Many-to-Many",
        """
-- Users can have many roles, roles can have many users
CREATE TABLE users (
    id SERIAL PRIMARY KEY,
    name VARCHAR(255)
);

CREATE TABLE roles (
    id SERIAL PRIMARY KEY,
    name VARCHAR(50) UNIQUE NOT NULL
);

CREATE TABLE user_roles (
    user_id INTEGER REFERENCES users(id) ON DELETE CASCADE,
    role_id INTEGER REFERENCES roles(id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, role_id)
);
""",
    ),
    Block(
        "Timestamps and Soft Delete",
        """
CREATE TABLE posts (
    id SERIAL PRIMARY KEY,
    title VARCHAR(255) NOT NULL,
    created_at TIMESTAMP DEFAULT NOW(),
    updated_at TIMESTAMP DEFAULT NOW(),
    deleted_at TIMESTAMP  -- NULL = not deleted
);

-- Query only non-deleted
SELECT * FROM posts WHERE deleted_at IS NULL;
""",
    ),
    Block(
        "Migration Pattern",
        """
-- migrations/001_create_users.up.sql
CREATE TABLE users (
    id SERIAL PRIMARY KEY,
    email VARCHAR(255) NOT NULL,
    created_at TIMESTAMP DEFAULT NOW()
);

-- migrations/001_create_users.down.sql
DROP TABLE users;
""",
    ),
    Block(
        "Query Optimization",
        """
-- Find slow queries
SELECT query, mean_exec_time, calls
FROM pg_stat_statements
ORDER BY mean_exec_time DESC
LIMIT 10;

-- Analyze query plan
EXPLAIN ANALYZE
SELECT u.*, o.*
FROM users u
JOIN orders o ON o.user_id = u.id
WHERE u.email = 'user@example.com';

-- Add index if needed
CREATE INDEX CONCURRENTLY idx_users_email ON users(email);
""",
    ),
    Block(
        "Safe Rollback Pattern",
        """
-- migrations/003_add_status_column.up.sql
BEGIN;

-- Step 1: Add new column with default value
ALTER TABLE users ADD COLUMN status VARCHAR(20) DEFAULT 'active';

-- Step 2: Backfill data for existing rows
UPDATE users SET status = 'active' WHERE status IS NULL;

-- Step 3: Add NOT NULL constraint (only after backfill)
ALTER TABLE users ALTER COLUMN status SET NOT NULL;

COMMIT;
""",
    ),
    Block(
        "Safe Rollback Pattern",
        """
-- migrations/003_add_status_column.down.sql
BEGIN;

-- Step 1: Remove NOT NULL constraint first
ALTER TABLE users ALTER COLUMN status DROP NOT NULL;

-- Step 2: Drop the column
ALTER TABLE users DROP COLUMN status;

COMMIT;
""",
    ),
    Block(
        "Designing PostgreSQL Schema for E-commerce",
        """
-- Users table
CREATE TABLE users (
    id SERIAL PRIMARY KEY,
    email VARCHAR(255) UNIQUE NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    full_name VARCHAR(255),
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

-- Index for email lookups
CREATE INDEX idx_users_email ON users(email);

-- Products table
CREATE TABLE products (
    id SERIAL PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    description TEXT,
    price DECIMAL(10, 2) NOT NULL,
    sku VARCHAR(100) UNIQUE NOT NULL,
    inventory_count INTEGER DEFAULT 0,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

-- Index for product search
CREATE INDEX idx_products_name ON products(name);
CREATE INDEX idx_products_sku ON products(sku);

-- Orders table
CREATE TABLE orders (
    id SERIAL PRIMARY KEY,
    user_id INTEGER REFERENCES users(id) ON DELETE SET NULL,
    status VARCHAR(50) NOT NULL DEFAULT 'pending',
    total_amount DECIMAL(10, 2) NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

-- Index for user orders
CREATE INDEX idx_orders_user_id ON orders(user_id);
CREATE INDEX idx_orders_status ON orders(status);
CREATE INDEX idx_orders_created_at ON orders(created_at);

-- Order items table (many-to-many relationship)
CREATE TABLE order_items (
    id SERIAL PRIMARY KEY,
    order_id INTEGER REFERENCES orders(id) ON DELETE CASCADE,
    product_id INTEGER REFERENCES products(id),
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    unit_price DECIMAL(10, 2) NOT NULL,
    subtotal DECIMAL(10, 2) GENERATED ALWAYS AS (quantity * unit_price) STORED
);

-- Index for order items
CREATE INDEX idx_order_items_order_id ON order_items(order_id);
CREATE INDEX idx_order_items_product_id ON order_items(product_id);

-- Trigger to update orders.updated_at
CREATE OR REPLACE FUNCTION update_updated_at_column()
RETURNS TRIGGER AS $$
BEGIN
    NEW.updated_at = CURRENT_TIMESTAMP;
    RETURN NEW;
END;
$$ language 'plpgsql';

CREATE TRIGGER update_users_updated_at BEFORE UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

CREATE TRIGGER update_orders_updated_at BEFORE UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- View: Order summaries for reporting
CREATE VIEW order_summary AS
SELECT
    o.id,
    o.user_id,
    u.email as user_email,
    o.status,
    o.total_amount,
    o.created_at,
    COUNT(oi.id) as item_count
FROM orders o
LEFT JOIN users u ON o.user_id = u.id
LEFT JOIN order_items oi ON o.id = oi.order_id
GROUP BY o.id, o.user_id, u.email, o.status, o.total_amount, o.created_at;
""",
    ),
)
