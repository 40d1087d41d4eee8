package iprev

const maxNames = 10 // names of one address that are followed
