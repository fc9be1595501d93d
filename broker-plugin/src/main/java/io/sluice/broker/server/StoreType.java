package io.sluice.broker.server;

/** The formats of key stores. */
enum StoreType {
    JKS,
    PKCS12
}
