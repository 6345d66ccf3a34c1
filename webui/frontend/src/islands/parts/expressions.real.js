export { evaluate, parseExpression, parseUnaryTests, unaryTest } from '@bpmn-io/feelin';
export { evaluate as evaluateTemplate, parseToSimpleTree } from 'feelers';
