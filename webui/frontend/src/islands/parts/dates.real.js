import './dates.css';

export { default } from 'flatpickr';
