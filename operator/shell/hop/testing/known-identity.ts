// What gateways know the operator by, for tests in which none looks.

export const knownIdentity = { certificates: () => 'PEM', onChange: () => {} };
