// The objects and fields that several checks write.
export const USERGEM = 'UserGem__UserGem__c';
export const KEY = 'UserGem__DeliveryKey__c';

/** A lead that the customer's own rules let pass. */
export const lead = (name, more = {}) => (
  { LastName: name, Company: 'Acme', Country: 'France', ...more }
);
